/** Sample files for visitors who have none at hand: a transfer receipt drawn here, and a small roster. */
import { longDate, shortTime, t } from "./i18n.js";

const WIDTH = 720;
const HEIGHT = 1280;
const FONT = '"Helvetica Neue", "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", Arial, sans-serif';
const BANDS = ["#0a6b4f", "#1a5fb4", "#7a3e9d", "#b3372b"];

/** A money amount in a text: the one beside a word for total, else the largest number with a currency. */
export function amountIn(text) {
  const money = /((?:NT|US|HK|A|C|S)?[$€£¥₩]|\b[A-Z]{3}\b|Rp)\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(€|元|円|\b[A-Z]{3}\b)/g;
  const plain = text.replace(/[*_~`|]/g, "");
  const total = plain.split("\n").filter((line) => /total|sum|owed|合計|總計|總額|應繳|共/i.test(line)).join("\n");
  const found = [...total.matchAll(money)].at(-1) ?? [...plain.matchAll(money)].sort((a, b) => size(a) - size(b)).at(-1);
  return found ? found[0].trim() : null;
}

const size = (found) => Number((found[2] ?? found[3]).replace(/\D/g, ""));

/** Draws a receipt and gives it as a PNG `File`. Each one carries its own number, so no two are the same picture. */
export async function sampleReceipt(amount, { date, club, payer }) {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const number = String(Math.floor(Math.random() * 1e12)).padStart(12, "0");
  const paper = canvas.getContext("2d");
  drawHead(paper, number);
  drawAmount(paper, amount ?? "—");
  const rows = [
    ["receipt.when", `${longDate(date)} ${shortTime(date)}`], ["receipt.from", `${payer} ···· ${number.slice(0, 5)}`],
    ["receipt.to", club], ["receipt.number", number], ["receipt.fee", "0"],
  ];
  rows.forEach(([key, value], index) => drawRow(paper, t(key), value, 700 + index * 92));
  text(paper, t("receipt.sample"), WIDTH / 2, 1220, 24, "#6b766f", "center");
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new File([blob], `receipt-${number.slice(-4)}.png`, { type: "image/png" });
}

function text(paper, words, x, y, points, colour, align = "left", weight = 400) {
  paper.font = `${weight} ${points}px ${FONT}`;
  paper.fillStyle = colour;
  paper.textAlign = align;
  paper.fillText(words, x, y, WIDTH - 2 * 48);
}

function drawHead(paper, number) {
  paper.fillStyle = "#ffffff";
  paper.fillRect(0, 0, WIDTH, HEIGHT);
  const band = BANDS[Number(number.slice(-2)) % BANDS.length];
  paper.fillStyle = band;
  paper.fillRect(0, 0, WIDTH, 250);
  text(paper, t("receipt.bank"), WIDTH / 2, 130, 34, "#ffffff", "center", 600);
  text(paper, t("receipt.done"), WIDTH / 2, 190, 42, "#ffffff", "center", 700);
  drawTick(paper, band);
}

function drawTick(paper, band) {
  paper.beginPath();
  paper.arc(WIDTH / 2, 360, 62, 0, 2 * Math.PI);
  paper.fillStyle = band;
  paper.fill();
  paper.beginPath();
  paper.moveTo(WIDTH / 2 - 28, 362);
  paper.lineTo(WIDTH / 2 - 6, 384);
  paper.lineTo(WIDTH / 2 + 32, 338);
  paper.lineWidth = 11;
  paper.lineCap = "round";
  paper.lineJoin = "round";
  paper.strokeStyle = "#ffffff";
  paper.stroke();
}

function drawAmount(paper, amount) {
  text(paper, t("receipt.amount"), WIDTH / 2, 500, 30, "#56635c", "center");
  text(paper, amount, WIDTH / 2, 585, 78, "#17211c", "center", 700);
}

function drawRow(paper, label, value, y) {
  paper.fillStyle = "#e4e9e5";
  paper.fillRect(48, y - 56, WIDTH - 96, 2);
  text(paper, label, 48, y, 28, "#56635c");
  paper.font = `500 28px ${FONT}`;
  paper.fillStyle = "#17211c";
  paper.textAlign = "right";
  paper.fillText(value, WIDTH - 48, y, WIDTH - 300);
}

/** A roster of two invented people, as a spreadsheet would save it. */
export function sampleRoster() {
  const rows = [t("roster.header"), "Aoife Ní Bhriain,aoife@example.org", "陳小安,an@example.org", ""];
  return new File([rows.join("\r\n")], "roster.csv", { type: "text/csv" });
}
