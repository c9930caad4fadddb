"""The currency table: ISO 4217, with the decimals that people really use.

`EXPONENTS[code]` is how many decimals an amount of that currency has here: 2 means that one minor unit is
1/100. Metals, bond units, drawing rights and test codes (XAU, XBA, XDR, XTS, …) are left out:
nobody pays dues in them.
A payment gateway may count the same currency differently; convert at its edge, with its own table.
"""

from __future__ import annotations

# Codes by the number of decimals that ISO 4217 gives them.
_ISO_BY_DECIMALS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
        CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
        HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
        MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
        RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
        USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

# ISO 4217 gives these decimals, but nobody can pay them any more: the small coin is gone and prices,
# cash and transfers all use whole units. Books with cents would ask for amounts that no one can send.
WHOLE_UNITS_ONLY: dict[str, str] = {
    "AFN": "pul are not in use",
    "ALL": "qindarka are not in use",
    "AMD": "luma are not in use",
    "COP": "centavos are not in use; the smallest coin is 50 pesos",
    "CRC": "céntimos are not in use; the smallest coin is 5 colones",
    "HUF": "fillér withdrawn in 1999",
    "IDR": "sen are not in use; banks and wallets take whole rupiah",
    "IQD": "fils are not in use; the smallest note is 250 dinars",
    "IRR": "dinars are not in use",
    "KHR": "sen are not in use",
    "KPW": "chon are not in use",
    "LAK": "att are not in use",
    "LBP": "piastres are not in use",
    "MGA": "the ariary has fifths, not hundredths, and they are not in use",
    "MMK": "pyas are not in use",
    "MNT": "möngö are not in use",
    "PKR": "paisa withdrawn in 2013",
    "RSD": "para are not in use",
    "SOS": "senti are not in use",
    "SYP": "piastres are not in use",
    "TWD": "cents exist in bookkeeping alone; transfers and cash are whole dollars",
    "TZS": "senti are not in use",
    "UZS": "tiyin withdrawn in 2020",
    "YER": "fils are not in use",
}

EXPONENTS: dict[str, int] = {
    code: 0 if code in WHOLE_UNITS_ONLY else decimals
    for decimals, codes in _ISO_BY_DECIMALS.items()
    for code in codes.split()
}

# What is put before the number. No two currencies share one, so that "$" never has to be guessed;
# a currency without an entry shows its code ("CHF 12.50").
SYMBOLS: dict[str, str] = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "C$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "IDR": "Rp",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "JP¥",
    "KRW": "₩",
    "MXN": "MX$",
    "MYR": "RM",
    "NZD": "NZ$",
    "PHP": "₱",
    "SGD": "S$",
    "THB": "฿",
    "TRY": "₺",
    "TWD": "NT$",
    "UAH": "₴",
    "USD": "US$",
    "VND": "₫",
}

# What people at home type beside or instead of the code. Several currencies may share one of these:
# they are only read where the workspace's currency already says which is meant.
SPOKEN: dict[str, tuple[str, ...]] = {
    "AUD": ("$",),
    "CAD": ("$",),
    "CNY": ("¥", "元", "RMB"),
    "HKD": ("$", "元"),
    "IDR": ("Rp.",),
    "JPY": ("¥", "円", "元"),
    "KRW": ("원", "元"),
    "MXN": ("$",),
    "NZD": ("$",),
    "SGD": ("$", "元"),
    "TWD": ("$", "元", "圓", "塊", "NTD", "NT"),
    "USD": ("$",),
}
