/* One chat: its transcript with the marks, and beside it what was decided. */

const ROLES = { customer: "客户", agent: "坐席", bot: "机器人", system: "系统" };
const MOODS = { negative: ["负面", "负"], neutral: ["中性", "中"], positive: ["正面", "正"] };
const TURNS = { better: "情绪好转", worse: "情绪转差" };
const FREE = ["免扣", "试行", "备注"];
const KINDS = { fail: "违规", free: "不扣分", excused: "命中但不计", pass: "通过的依据" };

async function showChat(chat) {
  state.open = chat;
  document.body.classList.add("reading");
  const detail = await detailOf(chat);
  if (state.open !== chat) return; /* another one was opened meanwhile */
  const panel = byId("detail");
  panel.replaceChildren(headOf(chat, detail));
  if (detail) panel.append(make("div", { class: "columns" }, transcriptOf(detail), verdictsOf(chat, detail)));
  else panel.append(make("p", { class: "notice" }, "这通会话的全文没有收入本页（文件大小有限，先收必查和有扣分的会话）。查看方法：", make("code", {}, `qa-audit show ${chat.id} --from ${head.night}`), "，在结果所在的文件夹中运行。"));
  draw();
  (byId("transcript") ?? byId("chat-title")).focus({ preventScroll: true });
}

function headOf(chat, detail) {
  const score = chat.score === null ? "未评分" : `${decimal(chat.score)} 分`;
  const facts = [
    ["坐席", chat.agent || "（未分配）"],
    ["时间", chat.time || "未记录"],
    ["渠道", chat.channel],
    ...(chat.topic ? [["主题", chat.topic]] : []),
    ...(detail?.facts ?? []),
  ];
  const back = make("button", { type: "button", class: "back" }, "← 列表");
  back.addEventListener("click", closeChat);
  return make(
    "div", { class: "head" },
    back,
    make("h2", { id: "chat-title", tabindex: "-1" }, chat.id, chat.unanswered ? make("span", { class: "grade" }, "无人应答") : make("span", { class: `grade${chat.grade === head.fatal_grade ? " fatal" : ""}` }, `${score} ${chat.grade}`), chat.before === null ? "" : make("small", {}, `致命前 ${decimal(chat.before)} 分`)),
    chat.reason ? make("p", { class: "reason" }, chat.unanswered ? chat.reason : `必查：${chat.reason}`) : null,
    make("dl", { class: "facts" }, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)))),
  );
}

function transcriptOf(detail) {
  const moods = new Map((detail.moods ?? []).map(([message, label, shares]) => [message, { label, shares }]));
  const turns = new Map(detail.turns ?? []);
  const anchored = new Map();
  (detail.findings ?? []).forEach((finding, i) => {
    if (finding.mark === undefined) anchored.set(finding.message, [...(anchored.get(finding.message) ?? []), i]);
  });
  const messages = detail.messages.map((message, i) => messageOf(message, i, detail, { mood: moods.get(i), turn: turns.get(i), anchored: anchored.get(i) ?? [] }));
  return make("section", { class: "transcript", id: "transcript", tabindex: "0", "aria-labelledby": "chat-title" }, barOf(detail, turns), make("ol", { class: "messages" }, ...messages));
}

/* The customer's mood, one cell a round, and whether evidence of passes is shown. */
function barOf(detail, turns) {
  const cells = (detail.moods ?? []).map(([message, label, shares]) => {
    const [name, short] = MOODS[label];
    const round = detail.messages[message].round;
    const says = `第${round}轮 ${name}（负面 ${shares[0]}%，正面 ${shares[2]}%）${turns.has(message) ? `，${TURNS[turns.get(message)]}` : ""}`;
    const cell = make("button", { type: "button", class: `mood ${label}`, title: says, "aria-label": says }, short + (turns.has(message) ? (turns.get(message) === "better" ? "↑" : "↓") : ""));
    cell.addEventListener("click", () => goTo(byId(`message-${message}`)));
    return cell;
  });
  const strip = cells.length ? make("div", { class: "strip", role: "group", "aria-label": "客户情绪，逐轮" }, make("span", {}, "情绪"), ...cells) : null;
  return make("div", { class: "bar" }, strip, toggleOf(detail));
}

function toggleOf(detail) {
  if (!detail.passed?.some((one) => one.marks)) return null;
  const box = make("input", { type: "checkbox", id: "passes" });
  box.checked = document.body.classList.contains("passes");
  box.addEventListener("change", () => document.body.classList.toggle("passes", box.checked));
  return make("label", { class: "toggle" }, box, "显示通过的依据（g）");
}

function messageOf(message, i, detail, { mood, turn, anchored }) {
  const who = `${ROLES[message.role]}${message.auto ? "（自动）" : ""}${message.name ? ` ${message.name}` : ""}`;
  const chips = anchored.map((number) => {
    const finding = detail.findings[number];
    const rule = head.rules[finding.rule];
    const chip = make("button", { type: "button", class: `chip finding${FREE.includes(finding.status) ? " slight" : ""}`, "data-findings": number, title: rule.title }, `${rule.id} ${rule.title}`);
    chip.addEventListener("click", () => goTo(byId(`finding-${number}`)));
    return chip;
  });
  return make(
    "li", { class: `message ${message.role}${mood ? ` is-${mood.label}` : ""}`, id: `message-${i}`, tabindex: "-1" },
    make("div", { class: "who" }, make("b", {}, who), message.at ? make("time", {}, message.at) : null, message.round ? make("span", { class: "round" }, `第${message.round}轮`) : null, mood ? make("span", { class: `label ${mood.label}` }, MOODS[mood.label][0]) : null, turn ? make("span", { class: "turn" }, TURNS[turn]) : null),
    make("p", { class: "text" }, ...textPieces(message, detail)),
    labelsOf(message, detail),
    chips.length ? make("div", { class: "chips" }, ...chips) : null,
  );
}

function textPieces(message, detail) {
  return (message.text ?? []).map((piece) => (typeof piece === "string" ? piece : markOf(piece[0], piece.slice(1), detail)));
}

/* Which rules the marks of a message belong to: below it, so that what was said reads and copies as it was said. */
function labelsOf(message, detail) {
  const numbers = (message.text ?? []).flatMap((piece) => (typeof piece === "string" ? [] : piece.slice(1)));
  const named = new Map();
  for (const mark of [...new Set(numbers)].map((number) => detail.marks[number])) named.set(`${mark.kind} ${mark.rule}`, mark);
  if (!named.size) return null;
  const kinds = new Set([...named.values()].map((mark) => mark.kind));
  const only = kinds.size === 1 && kinds.has("pass") ? " pass" : "";
  return make("div", { class: `labels${only}`, "aria-hidden": "true" }, ...[...named.values()].map(labelFor));
}

/* A stretch of text under one mark or several; the gravest decides how it looks, the title names all. */
function markOf(text, numbers, detail) {
  const marks = numbers.map((number) => detail.marks[number]);
  const says = marks.map((mark) => `${KINDS[mark.kind]} ${head.rules[mark.rule].id} ${head.rules[mark.rule].title}${mark.why ? `：${mark.why}` : ""}`).join("\n");
  const findings = (detail.findings ?? []).flatMap((one, i) => (numbers.includes(one.mark) ? [i] : []));
  const kinds = [...new Set(marks.map((mark) => mark.kind))].join(" ");
  const reached = kinds !== "pass";
  const mark = make("mark", { class: kinds + (findings.length ? " finding" : ""), title: says, "aria-label": `${text}（${says}）`, role: "note", tabindex: reached ? "0" : null, "data-marks": numbers.join(" "), "data-findings": findings.join(" ") || null }, text);
  if (findings.length) mark.addEventListener("click", () => goTo(byId(`finding-${findings[0]}`)));
  return mark;
}

function labelFor(mark) {
  const rule = head.rules[mark.rule];
  return make("span", { class: `tag ${mark.kind}`, title: mark.why }, `${mark.kind === "excused" ? "不计 " : ""}${rule.id} ${rule.title}`);
}

function verdictsOf(chat, detail) {
  if (chat.unanswered) return make("aside", { class: "verdicts", "aria-label": "判定" }, make("p", {}, "客户发言后没有人工坐席回复，不计入坐席得分，请安排回访（跟进情况填在 review.xlsx 的“无人应答”）。"));
  const explained = new Set(); /* what a rule wants is said beside its first finding only */
  const findings = (detail.findings ?? []).map((finding, i) => {
    const article = findingOf(finding, i, detail, !explained.has(finding.rule));
    explained.add(finding.rule);
    return [finding, article];
  });
  const charged = findings.filter(([finding]) => !FREE.includes(finding.status)).map(([, article]) => article);
  const free = findings.filter(([finding]) => FREE.includes(finding.status)).map(([, article]) => article);
  return make(
    "aside", { class: "verdicts", "aria-label": "判定" },
    make("h3", {}, `扣分与预警 ${charged.length} 次`),
    ...(charged.length ? charged : [make("p", { class: "dim" }, "没有扣分或预警。")]),
    free.length ? make("details", { open: !charged.length }, make("summary", {}, `免扣、试行、备注（${free.length}）`), ...free) : null,
    folded("命中但不计 ┈", detail.excused, (entry) => excusedOf(entry, detail), true),
    folded("无法判定 ?", detail.unsure, plainOf),
    folded("通过 √", detail.passed, (entry) => plainOf({ ...entry, said: entry.said ?? quotesOf(entry.marks ?? [], detail) })),
    folded("未获加分", detail.missed, plainOf),
    folded("不适用 —", detail.not_applicable, plainOf),
  );
}

function findingOf(finding, i, detail, first) {
  const rule = head.rules[finding.rule];
  const points = finding.points ? `−${decimal(finding.points)}` : "";
  const to = make("button", { type: "button", class: "go" }, whereOf(finding.message, detail));
  to.addEventListener("click", () => goTo(placesOf(i)[0] ?? byId(`message-${finding.message}`)));
  const grounds = (finding.grounds ?? []).map((piece) => (typeof piece === "string" ? piece : make("mark", { class: piece[1] ? "fail customers" : "fail" }, piece[0])));
  return make(
    "article", { class: `verdict ${toneOf(finding.status)}`, id: `finding-${i}`, tabindex: "-1" },
    make("h4", {}, make("span", {}, `${rule.id} ${rule.title}`), make("span", { class: "points" }, `${finding.status} ${points}`)),
    make("p", { class: "meta" }, `${rule.section} · ${rule.severity}${rule.limits ? ` · ${rule.limits}` : ""}`, to),
    ...pair("依据", grounds), ...pair("说明", [finding.remark]), ...pair("推荐话术", first ? [finding.advice ?? rule.advice] : []),
    first ? make("details", {}, make("summary", {}, "为什么、标准来源"), make("p", {}, rule.why), make("p", { class: "dim" }, rule.source)) : null,
  );
}

const toneOf = (status) => (status.startsWith("致命") ? "grave" : status === "预警" ? "alert" : FREE.includes(status) ? "slight" : "");
const pair = (name, children) => (children.some(Boolean) ? [make("p", { class: "pair" }, make("b", {}, name), make("span", {}, ...children))] : []);

function folded(title, entries, render, open = false) {
  if (!entries?.length) return null;
  return make("details", { open }, make("summary", {}, `${title}（${entries.length}）`), make("ul", {}, ...entries.map(render)));
}

const whereOf = (message, detail) => (detail.messages[message].round ? `第${detail.messages[message].round}轮 ↗` : `第${message + 1}条 ↗`);

function excusedOf(entry, detail) {
  const rule = head.rules[entry.rule];
  const to = make("button", { type: "button", class: "go" }, whereOf(entry.message, detail));
  to.addEventListener("click", () => goTo([...document.querySelectorAll("mark.excused")].find((mark) => mark.dataset.marks.split(" ").includes(String(entry.mark)))));
  return make("li", {}, make("b", {}, `${rule.id} ${rule.title} `), make("mark", { class: "excused" }, entry.text), make("span", { class: "dim" }, ` ${entry.why ?? ""} `), to);
}

/* The words under some marks. */
function quotesOf(numbers, detail) {
  const pieces = detail.messages.flatMap((message) => message.text ?? []).filter((piece) => typeof piece !== "string");
  return numbers.map((number) => `“${pieces.filter((piece) => piece.indexOf(number, 1) > 0).map(([text]) => text).join("")}”`).join("、");
}

function plainOf(entry) {
  const rule = head.rules[entry.rule];
  return make("li", {}, make("b", {}, `${rule.id} ${rule.title} `), make("span", { class: "dim" }, entry.said ?? entry.why ?? ""));
}

const placesOf = (finding) => document.querySelectorAll(`.transcript [data-findings~="${finding}"]`);

/* Shows and focuses an element, and marks it and whatever belongs to the same finding. */
function goTo(element) {
  if (!element) return;
  const folded = element.closest("details");
  if (folded) folded.open = true;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" });
  for (const other of document.querySelectorAll(".here")) other.classList.remove("here");
  element.classList.add("here");
  const numbers = element.dataset.findings?.split(" ") ?? element.id.match(/^finding-(\d+)$/)?.slice(1) ?? [];
  for (const number of numbers) for (const same of [byId(`finding-${number}`), ...placesOf(number)]) same.classList.add("here");
}

/* The next or the previous finding in the order of the transcript, round and round. */
function step(direction) {
  const begun = new Set();
  const places = [...document.querySelectorAll(".transcript .finding")].filter((place) => {
    const fresh = place.dataset.findings.split(" ").filter((number) => !begun.has(number));
    for (const number of fresh) begun.add(number);
    return fresh.length > 0;
  });
  if (!places.length) return;
  const at = places.findIndex((place) => place.classList.contains("here"));
  const next = places[at < 0 ? (direction > 0 ? 0 : places.length - 1) : (at + direction + places.length) % places.length];
  goTo(next);
  const beside = byId(`finding-${next.dataset.findings.split(" ")[0]}`);
  if (beside.closest("details")) beside.closest("details").open = true;
  beside.scrollIntoView({ block: "nearest" });
}
