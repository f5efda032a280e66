/* The head, the keys, the address, and the start. */

const single = new Map(); /* how many agents a chat has: only where there are several does an address name one */

const addressOf = (chat) => `#chat=${encodeURIComponent(chat.id)}${single.get(chat.id) > 1 ? `&agent=${encodeURIComponent(chat.agent)}` : ""}`;

function openChat(chat) {
  if (location.hash === addressOf(chat)) follow();
  else location.hash = addressOf(chat);
}

/* Part of an address as text; as it stands where it was mistyped. */
function decoded(text) {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text;
  }
}

/* Shows the chat that the address names. */
async function follow() {
  const named = location.hash.match(/^#chat=([^&]*)(?:&agent=(.*))?$/);
  if (!named) {
    state.open = null;
    document.body.classList.remove("reading");
    return;
  }
  const [id, agent] = named.slice(1).map(decoded);
  const chat = chats.find((one) => one.id === id && (!agent || one.agent === agent));
  if (!chat) {
    document.body.classList.add("reading");
    byId("detail").replaceChildren(make("p", { class: "notice" }, `本页没有会话 ${id}。`));
    return;
  }
  if (!inView(chat, state.view)) setView(chat.unanswered ? "unanswered" : "all");
  const place = shown.indexOf(chat);
  if (place >= 0) activate(place);
  await showChat(chat);
}

function closeChat() {
  history.replaceState(null, "", location.pathname + location.search);
  document.body.classList.remove("reading");
  byId("list").focus();
}

function writeHead() {
  byId("title").textContent = `质检抽查 ${head.night}`;
  const figures = [
    ["标准", `${head.standard} ${head.version}`],
    ["已质检", `${head.audited} 通`],
    ["未质检", head.not_audited === null ? "未记录" : `${head.not_audited} 通`, `其中无人应答 ${head.unanswered} 通`],
    ["平均分", head.mean === null ? "—" : head.mean, head.mean === null ? "" : head.bounds],
    ["致命（待复核）", `${head.fatal} 通`],
    ["预警", `${head.alerts} 通`],
  ];
  byId("figures").append(...figures.map(([name, value, more]) => make("div", {}, make("dt", {}, name), make("dd", {}, value, more ? make("small", {}, more) : null))));
  byId("masked").textContent = head.masked ? "已脱敏" : "未脱敏";
  const told = [
    head.scope,
    head.unlisted ? `另有 ${head.unlisted} 通优先级较低的会话没有列出。` : "",
    head.left_out ? `${head.left_out} 通会话只列出判定，全文没有收入本页（文件大小有限），请用 qa-audit show 会话号 查看。` : "",
  ].filter(Boolean);
  byId("scope").hidden = !told.length;
  byId("scope").textContent = told.join("　");
}

function move(by) {
  activate(state.active + by);
}

function turnView(by) {
  setView(VIEWS[(VIEWS.indexOf(state.view) + by + VIEWS.length) % VIEWS.length]);
}

function escape() {
  if (byId("query").value && document.activeElement === byId("query")) {
    byId("query").value = "";
    search();
  } else if (document.activeElement !== byId("list")) {
    if (getComputedStyle(byId("side")).display === "none") closeChat();
    byId("list").focus();
  }
}

function togglePasses() {
  document.body.classList.toggle("passes");
  if (byId("passes")) byId("passes").checked = document.body.classList.contains("passes");
}

const KEYS = {
  "/": () => byId("query").focus(),
  j: () => move(1),
  k: () => move(-1),
  n: () => step(1),
  p: () => step(-1),
  "[": () => turnView(-1),
  "]": () => turnView(1),
  g: togglePasses,
  "?": () => byId("help").showModal(),
};
const LIST_KEYS = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  PageDown: () => move(Math.floor(byId("list").clientHeight / ROW)),
  PageUp: () => move(-Math.floor(byId("list").clientHeight / ROW)),
  Home: () => activate(0),
  End: () => activate(shown.length - 1),
  Enter: () => shown.length && openChat(shown[state.active]),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId("help").open) return;
  const at = document.activeElement;
  const typing = at.matches("input[type=search], select");
  if (event.key === "Escape") escape();
  else if (at === byId("query") && (event.key === "Enter" || event.key === "ArrowDown")) byId("list").focus();
  else if (typing) return;
  else if (KEYS[event.key]) KEYS[event.key]();
  else if ((at === byId("list") || at === document.body) && LIST_KEYS[event.key]) LIST_KEYS[event.key]();
  else if (at.matches("[role=tab]") && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
    turnView(event.key === "ArrowRight" ? 1 : -1);
    byId(`view-${state.view}`).focus();
  } else return;
  event.preventDefault();
}

const PAUSE = 300; /* ms between two looks at what a running search has found */

async function search() {
  state.query = byId("query").value.trim();
  refresh({ keep: false });
  if (state.query && !everythingRead) {
    let refreshed = performance.now();
    await readEverything((done, all) => {
      if (!everythingRead && performance.now() - refreshed < PAUSE) return;
      refresh();
      if (!everythingRead) byId("count").textContent += `（正在搜索全文 ${done}/${all}）`;
      refreshed = performance.now();
    });
  }
}

function later(act, milliseconds) {
  let waiting;
  return () => {
    clearTimeout(waiting);
    waiting = setTimeout(act, milliseconds);
  };
}

async function start() {
  writeHead();
  if (typeof DecompressionStream === "undefined") {
    byId("detail").append(make("p", { class: "notice" }, "浏览器版本过低，无法展开本页的数据：请用 Chrome 或 Edge 80、Firefox 113、Safari 16.4 及以上版本。"));
    return;
  }
  await readList();
  for (const chat of chats) single.set(chat.id, (single.get(chat.id) ?? 0) + 1);
  for (const tab of byId("views").children) {
    tab.querySelector("span").textContent = chats.filter((chat) => inView(chat, tab.dataset.view)).length;
    tab.addEventListener("click", () => setView(tab.dataset.view));
  }
  for (const name of FILTERS) byId(name).addEventListener("change", () => refresh({ keep: true }));
  byId("sort").addEventListener("change", () => {
    state.sort = byId("sort").value;
    refresh({ keep: false });
  });
  byId("query").addEventListener("input", later(search, 120));
  byId("tools").addEventListener("submit", (event) => event.preventDefault());
  byId("clear").addEventListener("click", clearAll);
  byId("help-button").addEventListener("click", KEYS["?"]);
  byId("list").addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
  window.addEventListener("resize", () => requestAnimationFrame(draw));
  window.addEventListener("hashchange", follow);
  document.addEventListener("keydown", onKey);
  setView(chats.some((chat) => inView(chat, "queue")) ? "queue" : "all");
  byId("detail").append(make("p", { class: "empty" }, "从左边选一通会话：j、k 移动，Enter 打开，n、p 看下一处、上一处问题，? 显示全部快捷键。"));
  byId("list").focus();
  await follow();
  document.body.dataset.ready = "true";
}

start();
