"use strict";
(() => {
const page = document, $ = id => page.getElementById(id), all = css => page.querySelectorAll(css);
const NAME = 0, STATE = 1, PERCENT = 2, TRY = 3, SINCE = 4, MAC = 5, REASON = 6, SIGNAL = 7, NOTE = 8, CALLED = 9;
const NEEDY = "fcug", known = new Map(), cells = new Map();
let since = 0, by = -1, down = false, letter = "", stale = false, begun = false, timer = 0;

// The rows of an answer, from its columns (see portal/bench/wall/changes.py).
const unpack = r => {
  const whole = (t, old) => t && old.slice(0, parseInt(t[0], 36)) + t.slice(1);
  let id = "", name = "";
  return (r.i || []).map((t, i) => {
    const [g, p, a, s, m, y, d, o, c] = [..."gpasmydoc"].map((k, n) => r[k]?.[i] ?? [0, 0, 1, 0, "", 0, 0, "", ""][n]);
    return [id = whole(t, id), g, group([, g]) == "d" ? 100 : p, a, s, m.replace(/^../, "$&:"), y, -d, o, name = whole(c, name)];
  });
};

const place = id => "/bench?d=" + encodeURIComponent(id);
const called = row => row[CALLED] || row[NAME];
const group = row => STATES[row[STATE]][1];
const span = s => s < 100 ? `${s} s` : s < 6000 ? `${Math.round(s / 60)} min` : `${Math.floor(s / 3600)} h ${Math.round(s / 60) % 60} min`;
const size = n => n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(0)} kB` : `${(n / 1e6).toFixed(1)} MB`;
const word = row => STATES[row[STATE]][0];
const why = row => REASONS[row[REASON] - 1];
const named = link => new URL(link.href).searchParams.get("d");
const linked = (row, text) => {
  const link = make("a", "", {href: place(row[NAME])});
  if (text) link.append(make("bdi", text));
  return link;
};
const age = row => Math.max(0, Math.round((Date.now() - row.at) / 1000));
const make = (tag, text, more) => Object.assign(page.createElement(tag), {textContent: text ?? ""}, more);
const store = (key, value) => { try { return value === undefined ? localStorage[key] : (localStorage[key] = value); } catch { return ""; } };

function say(text) {
  $("live").hidden = !text;
  if ($("live").textContent != text) $("live").textContent = text;
}

function alarm(notes) {
  if (!$("o-sound").checked) return;
  navigator.vibrate?.(notes.map(() => 200));
  const audio = alarm.audio ??= new AudioContext();
  audio.resume();
  notes.forEach((pitch, i) => {
    const tone = audio.createOscillator(), loud = audio.createGain();
    tone.frequency.value = pitch;
    loud.gain.value = .2;
    tone.connect(loud).connect(audio.destination);
    tone.start(audio.currentTime + i * .2);
    tone.stop(audio.currentTime + i * .2 + .15);
  });
}

async function look() {
  clearTimeout(timer);
  try {
    const answer = await fetch(`/bench/api/changes?since=${since}`);
    if (answer.status == 401) return location.assign("/bench/sign-in?next=/bench");
    if (!answer.ok) throw 0;
    await take(await answer.json());
    if (stale) { stale = false; say(""); }
  } catch { stale = true; say("The bench does not answer. What you see may be old."); }
  timer = setTimeout(look, page.hidden ? 5000 : 1500);
}

async function take(news) {
  if (news.j != JOB) return location.reload();
  const first = !begun, before = new Map(known), togo = +$("h3").textContent + +$("h1").textContent;
  if (news.f) known.clear();
  let changed = news.f, failed = [];
  begun = true;
  const rows = unpack(news.r);
  for (const row of rows) {
    const old = before.get(row[NAME]);
    row.at = Date.now() - row[SINCE] * 1000;
    known.set(row[NAME], row);
    if (NEEDY.includes(group(row)) || old && NEEDY.includes(group(old))) changed = 1;
    if (!first && group(row) == "f" && !(old && group(old) == "f")) failed.push(row);
  }
  since = news.n;
  if (known.size != news.t && !news.f) since = 0; // one has become another: all anew
  head(news.h);
  if (rows.length) { grid(rows, news.f); legend(); }
  work();
  filter();
  if (changed && !first) await needs();
  const over = !first && togo && !(news.h[1] + news.h[3]);
  const words = failed.map(row => `${called(row)} failed: ${why(row) || "see its log"}`);
  if (over) words.push("Nothing is left to do.");
  if (words.length) { say(words.join(". ")); alarm(failed.length ? [330, 220] : [440, 550, 660]); }
}

function head(h) {
  for (let i = 0; i < 4; i++) $("h" + i).textContent = h[i];
  $("rate").textContent = size(h[4]) + "/s";
  $("slots").textContent = `${h[6]} of ${h[5]}`;
  $("oldest").textContent = span(h[7]);
}

function grid(rows, all) {
  if (all) for (const [id, cell] of cells) if (!known.has(id)) { cell.remove(); cells.delete(id); }
  for (const row of rows) {
    let cell = cells.get(row[NAME]);
    if (!cell && cells.size < 240) {
      cell = linked(row);
      $("grid").append(cell);
      cells.set(row[NAME], cell);
    }
    if (!cell) continue;
    cell.className = group(row);
    cell.textContent = cell.title = `${called(row)} ${GROUPS[group(row)]}`;
  }
}

function legend() {
  const counts = {};
  for (const row of known.values()) counts[group(row)] = (counts[group(row)] || 0) + 1;
  for (const link of all("#legend a")) {
    link.lastElementChild.textContent = counts[link.dataset.group] || 0;
    link.parentNode.hidden = !counts[link.dataset.group];
  }
}

function work() {
  const now = [...known.values()].filter(row => group(row) == "w").sort((a, b) => called(a) < called(b) ? -1 : 1).slice(0, 24);
  const old = new Map([...$("work").children].map(item => [named(item.firstElementChild), item]));
  now.forEach((row, i) => {
    let item = old.get(row[NAME]);
    old.delete(row[NAME]);
    if (!item) {
      item = make("li");
      const bar = make("progress", "", {max: 100, ariaLabel: called(row)});
      item.append(linked(row, called(row)), make("span"), bar);
    }
    item.children[1].textContent = word(row) + (row[PERCENT] ? ` ${row[PERCENT]} %` : "");
    item.children[2].value = row[PERCENT];
    if ($("work").children[i] != item) $("work").insertBefore(item, $("work").children[i] || null);
  });
  for (const item of old.values()) item.remove();
  $("idle").hidden = !!now.length;
}

async function needs() {
  const answer = await fetch("/bench/api/needs");
  if (!answer.ok) return;
  const made = make("template");
  made.innerHTML = await answer.text();
  const list = $("needs"), focus = page.activeElement, where = focus.closest("#needs [data-id]");
  const old = new Map([...list.children].map(card => [card.outerHTML, card]));
  list.replaceChildren(...[...made.content.children].map(card => old.get(card.outerHTML) || card));
  $("needy").hidden = !list.children.length;
  if (where && page.activeElement != focus) {
    const card = [...list.children].find(each => each.dataset.id == where.dataset.id);
    (card?.querySelector("button,a") || $("q")).focus();
  }
}

const key = row => by == 4 ? age(row) : by ? row[[, STATE, PERCENT, TRY, , MAC, SIGNAL, NOTE][by]] : called(row);
function table() {
  const body = $("rows");
  let rows = [...known.values()].filter(hit);
  if (by >= 0) rows.sort((a, b) => (key(a) > key(b) ? 1 : key(a) < key(b) ? -1 : 0) * (down ? -1 : 1));
  // More lines than anybody reads cost a second of a phone's processor: the search has the rest.
  rows = rows.slice(0, 300);
  const lines = new Map([...body.children].map(line => [line.dataset.id, line]));
  rows.forEach((row, i) => {
    let line = lines.get(row[NAME]);
    if (!line) {
      line = make("tr");
      line.dataset.id = row[NAME];
      const first = make("th", "", {scope: "row"});
      first.append(linked(row, called(row)));
      line.append(first, ...Array.from({length: 7}, () => make("td")));
    }
    lines.delete(row[NAME]);
    if (line.dataset.was != row[STATE] + "," + row[REASON]) {
      const shape = make("i", "", {className: "s " + group(row), ariaHidden: "true"});
      line.children[1].replaceChildren(shape, word(row) + (row[REASON] ? ": " + why(row) : ""));
      line.dataset.was = row[STATE] + "," + row[REASON];
    }
    [row[PERCENT] || "", row[TRY] || "", span(age(row)), row[MAC], row[SIGNAL] < -75 ? row[SIGNAL] + " move closer" : row[SIGNAL] || "", row[NOTE]].forEach((text, j) => {
      const cell = line.children[j + 2];
      if (cell.textContent != text) cell.textContent = text;
    });
    if (body.children[i] != line) body.insertBefore(line, body.children[i] || null);
  });
  for (const line of lines.values()) line.remove();
}

function hit(row) {
  const text = $("q").value.trim().toLowerCase();
  return (!letter || group(row) == letter) && (!text || [row[NAME], called(row), row[MAC], row[NOTE]].join(" ").toLowerCase().includes(text));
}
function filter() {
  for (const [id, cell] of cells) cell.classList.toggle("off", known.has(id) && !hit(known.get(id)));
  table();
}

async function send(body) {
  const answer = await fetch("/bench/act", {method: "POST", body, headers: {Accept: "application/json"}});
  if (answer.status == 401) return location.assign("/bench/sign-in?next=/bench");
  say((await answer.json()).detail);
  look();
}

function press(key) {
  if (key == "/") return $("q").focus();
  if (key != "r" && key != "l") return;
  const id = page.activeElement.closest("[data-id]")?.dataset.id;
  if (!id) return say("Choose a device first, with the arrow keys.");
  if (key == "l") return location.assign("/bench/labels?id=" + encodeURIComponent(id));
  send(new URLSearchParams({token: TOKEN, id, act: "retry"}));
}

// A scanner types as a keyboard does, only faster: one key alone is a command, several within a
// twelfth of a second are a code.
let typed = "", wait = 0;
const scanned = () => { $("q").focus(); $("q").value = typed; typed = ""; filter(); };
addEventListener("keydown", event => {
  const writes = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type != "checkbox";
  if (writes || event.ctrlKey || event.altKey || event.metaKey) {
    if (event.key == "Escape" && event.target == $("q")) { $("q").value = ""; filter(); $("q").blur(); }
    return;
  }
  if (event.key == "ArrowDown" || event.key == "ArrowUp") {
    const lines = [...$("rows").children].filter(line => line.offsetParent);
    if (!lines.length) return;
    const at = lines.indexOf(page.activeElement.closest("tr")), step = event.key == "ArrowDown" ? 1 : -1;
    lines[at < 0 ? 0 : Math.min(lines.length - 1, Math.max(0, at + step))].querySelector("a").focus();
    return event.preventDefault();
  }
  if (event.key == "Enter" && typed.length > 1) { clearTimeout(wait); scanned(); $("q").form.requestSubmit(); return event.preventDefault(); }
  if (event.key.length != 1 || event.key == " " && !typed) return;
  event.preventDefault();
  typed += event.key;
  clearTimeout(wait);
  wait = setTimeout(() => {
    if (typed.length > 1) return scanned();
    const one = typed;
    typed = "";
    if ($("o-keys").checked) press(one);
  }, 80);
});

for (const [id, fallback] of [["o-sound", ""], ["o-keys", "1"]]) {
  $(id).checked = (store("bench-" + id) ?? fallback) == "1";
  $(id).onchange = () => { store("bench-" + id, $(id).checked ? "1" : "0"); alarm([440]); };
}
for (const button of all(".sort")) button.onclick = () => {
  const column = +button.dataset.by;
  down = by == column && !down;
  by = column;
  for (const head of all("thead th")) head.removeAttribute("aria-sort");
  button.parentNode.setAttribute("aria-sort", down ? "descending" : "ascending");
  table();
};
for (const link of all("#legend a")) {
  link.setAttribute("role", "button");
  link.setAttribute("aria-pressed", "false");
  link.onclick = event => {
    event.preventDefault();
    letter = letter == link.dataset.group ? "" : link.dataset.group;
    for (const each of all("#legend a")) each.setAttribute("aria-pressed", each.dataset.group == letter);
    filter();
  };
}
$("q").oninput = filter;
$("needs").addEventListener("submit", event => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  body.set("act", event.submitter.value);
  send(body);
});
for (const cell of $("grid").children) cells.set(named(cell), cell);
$("table").hidden = $("options").hidden = false;
look();
})();
