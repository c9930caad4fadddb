"""Every error a person can cause, each with a stable code; the leaves by area, the kinds in base.py.

A use case raises a leaf and has then changed nothing. What the person reads is `errors.<code>` in the catalogs.
"""

from core.errors.access import (
    CurrencyFixed as CurrencyFixed,
)
from core.errors.access import (
    DiscordIdInvalid as DiscordIdInvalid,
)
from core.errors.access import (
    LastTreasurer as LastTreasurer,
)
from core.errors.access import (
    NotLinked as NotLinked,
)
from core.errors.access import (
    NotYours as NotYours,
)
from core.errors.access import (
    OwnPayment as OwnPayment,
)
from core.errors.access import (
    RoleNeeded as RoleNeeded,
)
from core.errors.access import (
    SettingUnknown as SettingUnknown,
)
from core.errors.access import (
    TooManyValues as TooManyValues,
)
from core.errors.base import (
    Conflict as Conflict,
)
from core.errors.base import (
    DomainError as DomainError,
)
from core.errors.base import (
    InvalidInput as InvalidInput,
)
from core.errors.base import (
    NotAllowed as NotAllowed,
)
from core.errors.base import (
    NotFound as NotFound,
)
from core.errors.base import (
    Param as Param,
)
from core.errors.base import (
    all_errors as all_errors,
)
from core.errors.base import (
    shown as shown,
)
from core.errors.billing import (
    BillExists as BillExists,
)
from core.errors.billing import (
    BillSettled as BillSettled,
)
from core.errors.billing import (
    ClaimsWaiting as ClaimsWaiting,
)
from core.errors.billing import (
    NothingSelected as NothingSelected,
)
from core.errors.billing import (
    NothingToBill as NothingToBill,
)
from core.errors.billing import (
    PeriodClosed as PeriodClosed,
)
from core.errors.billing import (
    PeriodNotOpen as PeriodNotOpen,
)
from core.errors.billing import (
    PlanWithoutPrice as PlanWithoutPrice,
)
from core.errors.billing import (
    WaiverTooLarge as WaiverTooLarge,
)
from core.errors.billing import (
    WaiverUnknown as WaiverUnknown,
)
from core.errors.chippot import (
    ChippotCurrency as ChippotCurrency,
)
from core.errors.chippot import (
    ChippotDumpBroken as ChippotDumpBroken,
)
from core.errors.chippot import (
    ChippotDumpRefused as ChippotDumpRefused,
)
from core.errors.chippot import (
    ChippotFileDamaged as ChippotFileDamaged,
)
from core.errors.chippot import (
    ChippotFileTooLarge as ChippotFileTooLarge,
)
from core.errors.chippot import (
    ChippotFileUnknown as ChippotFileUnknown,
)
from core.errors.chippot import (
    ChippotFileUnreadable as ChippotFileUnreadable,
)
from core.errors.chippot import (
    ChippotGuildMissing as ChippotGuildMissing,
)
from core.errors.chippot import (
    ChippotOtherSource as ChippotOtherSource,
)
from core.errors.chippot import (
    ChippotTablesMissing as ChippotTablesMissing,
)
from core.errors.chippot import (
    ChippotValueWrong as ChippotValueWrong,
)
from core.errors.chippot import (
    ChippotWorkspaceUnclear as ChippotWorkspaceUnclear,
)
from core.errors.dates import (
    InvalidDate as InvalidDate,
)
from core.errors.dates import (
    InvalidPeriod as InvalidPeriod,
)
from core.errors.dates import (
    UnknownTimezone as UnknownTimezone,
)
from core.errors.fields import (
    ChoiceUnknown as ChoiceUnknown,
)
from core.errors.fields import (
    FieldMissing as FieldMissing,
)
from core.errors.fields import (
    NumberOutOfRange as NumberOutOfRange,
)
from core.errors.fields import (
    TextTooLong as TextTooLong,
)
from core.errors.links import (
    IdempotencyKeyReused as IdempotencyKeyReused,
)
from core.errors.links import (
    LinkExpired as LinkExpired,
)
from core.errors.links import (
    TokenMadeByToken as TokenMadeByToken,
)
from core.errors.links import (
    TokenUnknown as TokenUnknown,
)
from core.errors.links import (
    TooManyTokens as TooManyTokens,
)
from core.errors.machine import (
    DatabaseTooNew as DatabaseTooNew,
)
from core.errors.machine import (
    DatabaseUnavailable as DatabaseUnavailable,
)
from core.errors.machine import (
    SqliteTooOld as SqliteTooOld,
)
from core.errors.members import (
    AccountTaken as AccountTaken,
)
from core.errors.members import (
    AlreadyLinked as AlreadyLinked,
)
from core.errors.members import (
    AmountZero as AmountZero,
)
from core.errors.members import (
    EmailInvalid as EmailInvalid,
)
from core.errors.members import (
    EmailTaken as EmailTaken,
)
from core.errors.members import (
    ImportUndone as ImportUndone,
)
from core.errors.members import (
    ImportUnknown as ImportUnknown,
)
from core.errors.members import (
    LinkDecided as LinkDecided,
)
from core.errors.members import (
    LinkGone as LinkGone,
)
from core.errors.members import (
    LinkRequestUnknown as LinkRequestUnknown,
)
from core.errors.members import (
    LinkWaiting as LinkWaiting,
)
from core.errors.members import (
    MemberLeft as MemberLeft,
)
from core.errors.members import (
    MemberMerged as MemberMerged,
)
from core.errors.members import (
    MergeBothLinked as MergeBothLinked,
)
from core.errors.members import (
    MergeClaimsWaiting as MergeClaimsWaiting,
)
from core.errors.members import (
    MergeSamePlan as MergeSamePlan,
)
from core.errors.members import (
    MergeWithItself as MergeWithItself,
)
from core.errors.members import (
    NameFree as NameFree,
)
from core.errors.members import (
    NameTaken as NameTaken,
)
from core.errors.members import (
    OpeningBalanceSet as OpeningBalanceSet,
)
from core.errors.members import (
    SearchTooShort as SearchTooShort,
)
from core.errors.money import (
    AmountInOtherCurrency as AmountInOtherCurrency,
)
from core.errors.money import (
    AmountNegative as AmountNegative,
)
from core.errors.money import (
    AmountNotANumber as AmountNotANumber,
)
from core.errors.money import (
    AmountTooLarge as AmountTooLarge,
)
from core.errors.money import (
    AmountTooPrecise as AmountTooPrecise,
)
from core.errors.money import (
    UnknownCurrency as UnknownCurrency,
)
from core.errors.named import (
    BillUnknown as BillUnknown,
)
from core.errors.named import (
    MemberUnknown as MemberUnknown,
)
from core.errors.named import (
    MethodUnknown as MethodUnknown,
)
from core.errors.named import (
    NoticeUnknown as NoticeUnknown,
)
from core.errors.named import (
    PaymentUnknown as PaymentUnknown,
)
from core.errors.named import (
    PeriodUnknown as PeriodUnknown,
)
from core.errors.named import (
    PlanUnknown as PlanUnknown,
)
from core.errors.named import (
    ProofUnknown as ProofUnknown,
)
from core.errors.named import (
    SubscriptionUnknown as SubscriptionUnknown,
)
from core.errors.named import (
    WorkspaceExists as WorkspaceExists,
)
from core.errors.named import (
    WorkspaceUnknown as WorkspaceUnknown,
)
from core.errors.notices import (
    ActionUnknown as ActionUnknown,
)
from core.errors.notices import (
    AddressInvalid as AddressInvalid,
)
from core.errors.notices import (
    AlertTargetUnknown as AlertTargetUnknown,
)
from core.errors.notices import (
    MessageTooLong as MessageTooLong,
)
from core.errors.notices import (
    NotUndoable as NotUndoable,
)
from core.errors.notices import (
    PlaceholderUnknown as PlaceholderUnknown,
)
from core.errors.notices import (
    QuietHoursEmpty as QuietHoursEmpty,
)
from core.errors.notices import (
    TimeInvalid as TimeInvalid,
)
from core.errors.notices import (
    TooManyAlertTargets as TooManyAlertTargets,
)
from core.errors.notices import (
    UndoneBefore as UndoneBefore,
)
from core.errors.notices import (
    UndoOvertaken as UndoOvertaken,
)
from core.errors.payments import (
    BillClaimed as BillClaimed,
)
from core.errors.payments import (
    BillNotPayable as BillNotPayable,
)
from core.errors.payments import (
    NothingChosen as NothingChosen,
)
from core.errors.payments import (
    NothingToPay as NothingToPay,
)
from core.errors.payments import (
    NotRecorded as NotRecorded,
)
from core.errors.payments import (
    PaymentMoved as PaymentMoved,
)
from core.errors.payments import (
    ReasonMissing as ReasonMissing,
)
from core.errors.payments import (
    RefundTooLarge as RefundTooLarge,
)
from core.errors.payments import (
    UndoTooLate as UndoTooLate,
)
from core.errors.payments import (
    WasRecorded as WasRecorded,
)
from core.errors.plans import (
    AlreadySubscribed as AlreadySubscribed,
)
from core.errors.plans import (
    DateTooEarly as DateTooEarly,
)
from core.errors.plans import (
    DateTooLate as DateTooLate,
)
from core.errors.plans import (
    MethodNameTaken as MethodNameTaken,
)
from core.errors.plans import (
    NotPaused as NotPaused,
)
from core.errors.plans import (
    PauseOverlaps as PauseOverlaps,
)
from core.errors.plans import (
    PlanNameTaken as PlanNameTaken,
)
from core.errors.plans import (
    PlanRetired as PlanRetired,
)
from core.errors.plans import (
    SubscriptionOver as SubscriptionOver,
)
from core.errors.proofs import (
    AmountNotPositive as AmountNotPositive,
)
from core.errors.proofs import (
    ProofEmpty as ProofEmpty,
)
from core.errors.proofs import (
    ProofMissing as ProofMissing,
)
from core.errors.proofs import (
    ProofNotAPicture as ProofNotAPicture,
)
from core.errors.proofs import (
    ProofNotStored as ProofNotStored,
)
from core.errors.proofs import (
    ProofTooLarge as ProofTooLarge,
)
from core.errors.proofs import (
    ProofTooManyPixels as ProofTooManyPixels,
)
from core.errors.proofs import (
    ProofTooSmall as ProofTooSmall,
)
from core.errors.proofs import (
    StorageAccessDenied as StorageAccessDenied,
)
from core.errors.proofs import (
    StorageBucketInvalid as StorageBucketInvalid,
)
from core.errors.proofs import (
    StorageBucketMissing as StorageBucketMissing,
)
from core.errors.proofs import (
    StorageClientMissing as StorageClientMissing,
)
from core.errors.proofs import (
    StorageEndpointInvalid as StorageEndpointInvalid,
)
from core.errors.proofs import (
    StorageFolderUnusable as StorageFolderUnusable,
)
from core.errors.proofs import (
    StorageUnavailable as StorageUnavailable,
)
from core.errors.proofs import (
    StorageUnreachable as StorageUnreachable,
)
from core.errors.roster_files import (
    ColumnTwice as ColumnTwice,
)
from core.errors.roster_files import (
    EncodingUnclear as EncodingUnclear,
)
from core.errors.roster_files import (
    EncodingWrong as EncodingWrong,
)
from core.errors.roster_files import (
    FileEmpty as FileEmpty,
)
from core.errors.roster_files import (
    FileHasTooManyRows as FileHasTooManyRows,
)
from core.errors.roster_files import (
    FileNotText as FileNotText,
)
from core.errors.roster_files import (
    FileTooLarge as FileTooLarge,
)
from core.errors.roster_files import (
    HeaderRowMissing as HeaderRowMissing,
)
from core.errors.roster_files import (
    NameColumnUnclear as NameColumnUnclear,
)
from core.errors.roster_files import (
    QuoteNotClosed as QuoteNotClosed,
)
from core.errors.roster_files import (
    UnknownEncoding as UnknownEncoding,
)
