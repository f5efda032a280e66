"use strict";
/* What the file holds: the head at once, the list and the transcripts unpacked when they are needed. */

const head = JSON.parse(document.getElementById("head").textContent);
const byId = (id) => document.getElementById(id);
const FAILED = "fwt";

/* An element with attributes and children; texts become text nodes, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

const unpackedParts = new Map();

function part(number) {
  if (!unpackedParts.has(number)) unpackedParts.set(number, unpack(byId(`part-${number}`).textContent));
  return unpackedParts.get(number);
}

async function unpack(text) {
  const packed = atob(text);
  const bytes = new Uint8Array(packed.length);
  for (let i = 0; i < packed.length; i += 1) bytes[i] = packed.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

let chats = [];

/* The list: one object per chat, in the order of risk. */
async function readList() {
  const table = await part(0);
  const named = (name, i) => table[name].names[table[name].of[i]];
  chats = table.id.map((id, i) => ({
    index: i,
    id,
    agent: named("agent", i),
    customer: table.customer[i],
    time: table.time[i],
    channel: named("channel", i),
    topic: named("topic", i),
    score: table.score[i],
    before: table.before[i],
    grade: named("grade", i),
    end: named("end", i),
    says: table.says[i],
    marks: table.marks[i],
    risk: table.risk[i],
    reason: named("reason", i),
    unanswered: table.unanswered[i] === 1,
    part: table.part[i],
    place: table.place[i],
  }));
}

/* The transcript and verdicts of a chat; null where the file has no room for them. */
async function detailOf(chat) {
  return chat.part < 0 ? null : (await part(chat.part))[chat.place];
}

const textOf = (message) => message.text?.map((piece) => (typeof piece === "string" ? piece : piece[0])).join("") ?? "";

function failedRules(chat) {
  const found = [];
  for (let i = 0; i < chat.marks.length; i += 1) if (FAILED.includes(chat.marks[i].toLowerCase())) found.push(head.rules[i]);
  return found;
}

/* What a search looks at: first what the list shows, then everything that was said, once that is unpacked. */
function mentions(chat, term) {
  chat.words ??= [chat.id, chat.agent, chat.customer, chat.topic, chat.says, ...failedRules(chat).flatMap((rule) => [rule.id, rule.title])]
    .join("\n")
    .toLowerCase();
  return chat.words.includes(term) || (chat.said?.includes(term) ?? false);
}

let reading = null;
let everythingRead = false;

/* Unpacks all transcripts for searching, a part at a time so that the page stays responsive; tells of every part. */
function readEverything(told) {
  reading ??= (async () => {
    const byPart = new Map();
    for (const chat of chats) {
      if (chat.part < 0) continue;
      if (!byPart.has(chat.part)) byPart.set(chat.part, []);
      byPart.get(chat.part).push(chat);
    }
    let done = 0;
    for (const [number, own] of byPart) {
      const details = await part(number);
      for (const chat of own) chat.said = details[chat.place].messages.map(textOf).join("\n").toLowerCase();
      unpackedParts.delete(number); /* only the words stay: the rest is unpacked again when it is opened */
      done += 1;
      told(done, byPart.size);
      await new Promise((resume) => setTimeout(resume));
    }
    everythingRead = true;
    told(done, byPart.size);
  })();
  return reading;
}
