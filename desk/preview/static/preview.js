/* The preview's part in the browser. It waits to be told of a new proof of the magazine, and reloads the page if that has
   become another; shows what is wrong in a panel over the page; marks what is not out yet; lets one choose the day.

   All it shows stands in a shadow of its own, so that neither the page's styles nor this change each other. */

const own = document.getElementById("desk-script");
const PLACE = "desk-place", FOLDED = "desk-folded";

/* -- Keeping the place ------------------------------------------------------------------------------------------------ */

function reload() {
  sessionStorage.setItem(PLACE, JSON.stringify({path: location.pathname, x: scrollX, y: scrollY}));
  location.reload();
}

/* Stay at a place until the reader moves: pictures that come late would push the text away from under the eyes. */
function stay({x, y}) {
  const go = () => scrollTo({left: x, top: y, behavior: "instant"});
  const grown = new ResizeObserver(go);
  const signs = ["wheel", "touchstart", "keydown", "pointerdown"];
  const leave = () => {
    grown.disconnect();
    signs.forEach(sign => removeEventListener(sign, leave, true));
  };
  signs.forEach(sign => addEventListener(sign, leave, {capture: true, passive: true}));
  grown.observe(document.documentElement);
  grown.observe(document.body);
  addEventListener("load", go, {once: true});
  go();
}

const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
sessionStorage.removeItem(PLACE);
if (place?.path === location.pathname) stay(place);

/* -- What is not out yet ---------------------------------------------------------------------------------------------- */

let marks = {};

const markOf = ({origin, pathname}) => origin === location.origin ? marks[decodeURI(pathname)] : undefined;

/* Headlines and names are marked; links in the running text are not, nor what is out together with this page. */
function mark(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const said = link.textContent.trim().length;
    const running = link.parentElement.textContent.trim().length > said + 3;
    const text = said && !running ? markOf(link) : undefined;
    if (text && text !== markOf(location)) link.dataset.deskMark = text;
    else delete link.dataset.deskMark;
  }
}

/* -- The bar and the panel -------------------------------------------------------------------------------------------- */

const host = document.createElement("magazine-desk");
const shadow = host.attachShadow({mode: "open"});

function make(name, facts = {}, ...inside) {
  const element = Object.assign(document.createElement(name), facts);
  element.append(...inside);
  return element;
}

const style = make("link", {rel: "stylesheet", href: "/-/preview.css"});
const alarm = make("div", {className: "unseen", role: "alert"});
const panel = make("section", {className: "panel", id: "panel", hidden: true});
const bar = make("aside", {className: "bar"});
const said = make("p", {className: "said"});
said.setAttribute("role", "status");
panel.setAttribute("role", "dialog");
panel.setAttribute("aria-labelledby", "panel-title");
shadow.append(style, alarm, panel, said, bar);

let state, closed = "";

function wrongs() {
  return JSON.stringify(state.problems);
}

function close() {
  closed = wrongs();
  draw();
  shadow.getElementById("wrong")?.focus();
}

function drawPanel() {
  const {words, problems} = state;
  panel.hidden = !problems.length || closed === wrongs();
  alarm.textContent = problems.length ? `${words.mistakes}. ${problems[0].path} ${problems[0].text}` : "";
  const list = problems.map(({path, line, text}) => make("li", {},
    ...(path ? [make("p", {className: "place"},
      make("code", {textContent: path}), line ? `, ${words.line.replace("{n}", line)}` : "")] : []),
    make("p", {textContent: text})));
  panel.replaceChildren(
    make("div", {className: "head"},
      make("h2", {id: "panel-title", textContent: words.mistakes}),
      make("button", {type: "button", textContent: words.close, onclick: close})),
    make("ul", {}, ...list),
    ...(words.more ? [make("p", {textContent: words.more})] : []),
    make("p", {className: "advice", textContent: `${words.stale} ${words.mend}`.trim()}));
}

function drawBar() {
  const {words, problems, day} = state;
  const folded = (localStorage.getItem(FOLDED) ?? (innerWidth < 640 ? "yes" : "no")) === "yes";
  const fold = make("button", {
    type: "button", className: "fold", textContent: folded ? "▴" : "▾",
    onclick() { localStorage.setItem(FOLDED, folded ? "no" : "yes"); drawBar(); shadow.querySelector(".fold").focus(); },
  });
  fold.setAttribute("aria-label", folded ? words.unfold : words.fold);
  fold.setAttribute("aria-expanded", !folded);
  const wrong = make("button", {
    type: "button", id: "wrong", textContent: words.mistakes, hidden: !problems.length,
    onclick() { closed = closed ? "" : wrongs(); draw(); },
  });
  wrong.setAttribute("aria-expanded", !panel.hidden);
  wrong.setAttribute("aria-controls", "panel");
  const here = markOf(location);
  const input = make("input", {type: "date", id: "day", value: day, required: true});
  const choose = make("form", {className: "choose", onsubmit(event) { event.preventDefault(); show(input.value); }},
    make("label", {htmlFor: "day", textContent: words.asOf}), input, make("button", {textContent: words.show}),
    make("button", {type: "button", textContent: words.everything, hidden: !day, onclick() { show(""); }}));
  const issue = location.pathname === "/" ? state.current : location.pathname.match(/^\/(\d{4}-\d\d)\//)?.[1];
  const send = make("button", {
    type: "button", textContent: words.release, hidden: state.mails === null || !issue, onclick() { release(issue, send); },
  });
  const mail = make("a", {href: "/mail/", textContent: `${words.mail} (${state.mails})`, hidden: state.mails === null});
  bar.setAttribute("aria-label", words.preview);
  bar.classList.toggle("folded", folded);
  bar.replaceChildren(
    ...(here ? [make("strong", {className: "mark", textContent: here})] : []),
    wrong,
    ...(folded ? [] : [make("p", {className: "showing", textContent: words.showing}), send, mail, choose]),
    fold);
}

function draw() {
  host.lang = state.words.lang;
  drawPanel();
  if (!(shadow.activeElement?.id === "day")) drawBar();  // a date is being typed
}

async function show(day) {
  shadow.activeElement?.blur();
  await fetch("/-/day", {method: "POST", body: day});
}

/* What came of it stands in place of what is shown, until something new is told. */
async function release(issue, button) {
  button.disabled = true;
  const answer = await fetch(`/-/release?issue=${issue}`, {method: "POST"}).catch(() => null);
  button.disabled = false;
  said.textContent = answer?.ok ? await answer.text() : "";
}

addEventListener("keydown", event => {
  if (event.key === "Escape" && !panel.hidden) close();
});

/* -- Being told ------------------------------------------------------------------------------------------------------- */

let seen = "", asking;

/* The page may be the same in the new proof: then it stays as it is. */
async function follow() {
  const told = state.news;
  if (told === seen) return;
  const answer = await fetch(location.href.split("#")[0], {method: "HEAD", cache: "no-store"}).catch(() => null);
  if (!answer) return;
  if (answer.headers.get("etag") !== `"${own.dataset.page}"`) reload();
  else seen = told;
}

function listen() {
  asking = new EventSource("/-/events");
  asking.onerror = () => {
    const showing = shadow.querySelector(".showing");
    if (showing && state) showing.textContent = state.words.away;
  };
  asking.onmessage = event => {
    state = JSON.parse(event.data);
    marks = state.marks;
    mark(document);
    draw();
    follow();
  };
}

/* A browser keeps few connections to a site: a tab that nobody sees gives up its own. */
addEventListener("visibilitychange", () => {
  if (document.hidden) asking?.close();
  else if (!asking || asking.readyState === EventSource.CLOSED) listen();
});
addEventListener("pagehide", () => asking?.close());

document.body.append(host);
new MutationObserver(changes => changes.forEach(({target}) => mark(target)))
  .observe(document.querySelector("main") ?? document.body, {childList: true, subtree: true});
if (!document.hidden) listen();
