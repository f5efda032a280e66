/* The list: views, search, filters, order; only the rows in sight are in the document. */

const VIEWS = ["queue", "all", "unanswered"];
const RISKS = ["", "低分", "中", "高"];
const VERDICTS = [
  ["", "任何判定", null],
  ["fail", "违规（计分）", "f"],
  ["waived", "违规，免扣", "w"],
  ["trial", "违规，试行", "t"],
  ["note", "备注、未获加分", "o"],
  ["excused", "有不计的命中", "EXCUSED"],
  ["unsure", "无法判定", "u"],
  ["pass", "通过", "p"],
  ["not_applicable", "不适用", "n"],
];
const FILTERS = ["rule", "verdict", "agent", "grade", "channel", "topic", "end"];
const GRAVITY = ["致命", "预警", "重要", "一般"];
const ROW = 68; /* height of a row in px, as in page.css */
const state = { view: "queue", sort: "risk", query: "", active: 0, open: null };
let shown = [];

const inView = (chat, view) => (view === "unanswered" ? chat.unanswered : !chat.unanswered && (view === "all" || chat.risk > 0));
const isExcused = (letter) => letter >= "A" && letter <= "Z";

function hasVerdict(letter, wanted) {
  if (wanted === "EXCUSED") return isExcused(letter);
  return wanted === null ? FAILED.includes(letter.toLowerCase()) : letter.toLowerCase() === wanted;
}

/* With a rule and no verdict: chats that it found fault with. With a verdict and no rule: chats where any rule says so. */
function passesVerdict(chat, rule, verdict) {
  const wanted = VERDICTS.find(([name]) => name === verdict)[2];
  if (rule !== "") return chat.marks !== "" && hasVerdict(chat.marks[Number(rule)], wanted);
  if (wanted === null) return true;
  for (const letter of chat.marks) if (hasVerdict(letter, wanted)) return true;
  return false;
}

function matching() {
  const chosen = Object.fromEntries(FILTERS.map((name) => [name, byId(name).value]));
  const terms = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  return chats.filter(
    (chat) =>
      inView(chat, state.view) &&
      passesVerdict(chat, chosen.rule, chosen.verdict) &&
      ["agent", "grade", "channel", "topic", "end"].every((name) => chosen[name] === "" || chat[name] === chosen[name].slice(1)) &&
      terms.every((term) => mentions(chat, term)),
  );
}

const missing = (value) => value === null || value === "";

/* Orders by a value; chats without one come last whichever way. */
function by(value, direction) {
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (missing(x) || missing(y)) return Number(missing(x)) - Number(missing(y)) || a.index - b.index;
    return (x < y ? -direction : x > y ? direction : 0) || a.index - b.index;
  };
}
const scoreOf = (chat) => chat.score;
const timeOf = (chat) => chat.time;
const ORDERS = { risk: null, low: by(scoreOf, 1), high: by(scoreOf, -1), early: by(timeOf, 1), late: by(timeOf, -1) };

function refresh({ keep = true } = {}) {
  const before = shown[state.active];
  shown = matching();
  if (ORDERS[state.sort]) shown.sort(ORDERS[state.sort]);
  state.active = Math.max(keep && before ? shown.indexOf(before) : 0, 0);
  const total = chats.filter((chat) => inView(chat, state.view)).length;
  byId("count").textContent = shown.length === total ? `${total} 通` : `${shown.length} / ${total} 通`;
  byId("clear").hidden = !(state.query || FILTERS.some((name) => byId(name).value));
  byId("rows").style.height = `${Math.max(shown.length * ROW, ROW)}px`;
  if (!keep) byId("list").scrollTop = 0;
  draw();
}

function draw() {
  const list = byId("list");
  const first = Math.max(Math.floor(list.scrollTop / ROW) - 4, 0);
  const last = Math.min(Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4, shown.length);
  const rows = [];
  for (let i = first; i < last; i += 1) rows.push(rowOf(shown[i], i));
  if (!shown.length) rows.push(make("p", { class: "empty" }, state.query && !everythingRead ? "正在搜索全文…" : "没有符合条件的会话。"));
  byId("rows").replaceChildren(...rows);
  if (shown.length) list.setAttribute("aria-activedescendant", `row-${state.active}`);
  else list.removeAttribute("aria-activedescendant");
}

function rowOf(chat, i) {
  const failed = head.rules.filter((_, i) => chat.marks[i]?.toLowerCase() === "f").sort((a, b) => GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity)).map((rule) => rule.id);
  const tone = chat.risk ? ` risk-${chat.risk}` : "";
  const row = make(
    "div",
    {
      role: "option", id: `row-${i}`, class: `row${tone}${i === state.active ? " active" : ""}${chat === state.open ? " open" : ""}`,
      "aria-selected": String(i === state.active), "aria-setsize": shown.length, "aria-posinset": i + 1,
    },
    make(
      "div", { class: "line" },
      make("b", {}, chat.id),
      chat.risk ? make("span", { class: "risk" }, RISKS[chat.risk]) : null,
      make("span", { class: "score" }, chat.score === null ? "" : `${decimal(chat.score)} `, chat.grade),
    ),
    make("div", { class: "line dim" }, make("span", {}, chat.agent || "（未分配）"), make("span", {}, chat.time.slice(11, 16)), make("span", {}, chat.topic || chat.channel)),
    make("div", { class: "line says" }, make("span", { class: "ids" }, chat.unanswered ? chat.reason : failed.slice(0, 3).join(" ") + (failed.length > 3 ? ` +${failed.length - 3}` : "")), make("span", {}, chat.says)),
  ); /* the row of one chat: who, how it came out, and its first words */
  row.style.top = `${i * ROW}px`;
  row.addEventListener("click", () => { activate(i); openChat(chat); });
  return row;
}

const decimal = (value) => String(Math.round(value * 10) / 10);

function activate(i) {
  if (!shown.length) return;
  state.active = Math.min(Math.max(i, 0), shown.length - 1);
  const list = byId("list");
  const top = state.active * ROW;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  draw();
}

function setView(view) {
  state.view = view;
  for (const tab of byId("views").children) {
    const chosen = tab.dataset.view === view;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
  }
  offerChoices();
  refresh({ keep: false });
}

/* The choices of each filter with how many chats of this view have them; what is chosen stays. */
function offerChoices() {
  const own = chats.filter((chat) => inView(chat, state.view));
  const fails = head.rules.map((_, i) => own.reduce((n, chat) => n + Number(chat.marks !== "" && FAILED.includes(chat.marks[i].toLowerCase())), 0));
  const rules = head.rules.map((rule, i) => [String(i), `${rule.id} ${rule.title}（${fails[i]}）`, fails[i]]);
  offer("rule", "全部规则", rules.map(([value, label]) => [value, label]));
  byId("verdict").value ||= "";
  if (!byId("verdict").length) byId("verdict").append(...VERDICTS.map(([value, label]) => make("option", { value }, label)));
  for (const [name, all] of [["agent", "全部坐席"], ["grade", "全部等级"], ["channel", "全部渠道"], ["topic", "全部主题"], ["end", "全部情绪"]]) {
    const counts = new Map();
    for (const chat of own) counts.set(chat[name], (counts.get(chat[name]) ?? 0) + 1);
    const order = name === "grade" ? (a, b) => head.grades.indexOf(a) - head.grades.indexOf(b) : undefined;
    offer(name, all, [...counts.keys()].sort(order).map((value) => [`=${value}`, `${value || "（无）"}（${counts.get(value)}）`]));
  }
}

function offer(name, all, choices) {
  const select = byId(name);
  const chosen = select.value;
  const options = choices.map(([value, label]) => make("option", { value }, label));
  if (chosen && !choices.some(([value]) => value === chosen)) options.push(make("option", { value: chosen }, `${chosen.replace(/^=/, "") || "（无）"}（0）`));
  select.replaceChildren(make("option", { value: "" }, all), ...options);
  select.value = chosen;
}

function clearAll() {
  byId("query").value = "";
  state.query = "";
  for (const name of FILTERS) byId(name).value = "";
  refresh({ keep: true });
}
