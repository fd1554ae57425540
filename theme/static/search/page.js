/* The search page: asks the engine, and shows what it answers.

   What is asked stands in `asked` and, always, in the page's address. The words that the page says come with it
   (data-said), so that they are translated. What comes from the reader or the index becomes text, never markup. */

const FILTERS = ["category", "kind", "place", "year"];
const UNFILTERED = Object.fromEntries(FILTERS.map((key) => [key, ""]));
const AT_ONCE = 10;
const CHOICES = 8;
const LONGEST = 800;
const PAUSE = 120; // milliseconds without a key, until the engine is asked
const PATIENCE = 400; // milliseconds without an answer, until the page says that it searches

const lang = document.documentElement.lang;
const name = document.title;
const form = document.querySelector("form.seek");
const field = form.elements.q;
const finding = document.querySelector("#m-finding");
const said = JSON.parse(finding.dataset.said);
const numbers = JSON.parse(finding.dataset.numbers);
const [status, notes, filters, hits] = [".status", ".notes", ".filters", ".hits"].map((part) => finding.querySelector(part));
const [list, more, clear] = [hits.querySelector("ol"), hits.querySelector(".more"), filters.querySelector(".clear")];
const ways = document.querySelector("#m-ways");

/* -- What is asked --------------------------------------------------------------------------------------------------- */

let asked = fromAddress();
let shown = history.state?.shown ?? AT_ONCE;
let listed = 0; // how many hits stand in the list
let settled = true; // the next letter begins a new entry of the history
let turn = 0; // answers that come after a newer question are dropped
let waiting; // the timer of what is being typed

/** What an address asks. Its query is cut where a server would refuse it, and has no half characters. */
function fromAddress(address = location.search) {
  const given = new URLSearchParams(address);
  const asked = Object.fromEntries(["q", ...FILTERS].map((key) => [key, given.get(key) ?? ""]));
  return { ...asked, q: asked.q.slice(0, LONGEST), sort: given.get("sort") === "date" ? "date" : "" };
}

const queryOf = (question) => String(new URLSearchParams(Object.entries(question).filter(([, value]) => value)));

const addressOf = (question) => location.pathname + (queryOf(question) && `?${queryOf(question)}`);

/** What is asked, with a change, as its address would have it. */
const askedWith = (change) => fromAddress(queryOf({ ...asked, ...change }));

/** Asks something else than before, in a new entry of the history or in the one there is. */
function ask(change, { anew = true, typing = false } = {}) {
  clearTimeout(waiting);
  const before = queryOf(asked);
  asked = askedWith(change);
  if (queryOf(asked) !== before) {
    shown = AT_ONCE;
    remember(anew ? "pushState" : "replaceState");
  }
  return answer({ typing });
}

function remember(how, address = addressOf(asked)) {
  try {
    history[how]({ shown, top: scrollY }, "", address);
  } catch {
    // Safari takes a hundred changes in half a minute. The address follows with the next one.
  }
}

function typed() {
  clearTimeout(waiting);
  waiting = setTimeout(take, PAUSE);
}

/** Asks what has been typed so far; one go of typing is one entry of the history. */
function take() {
  ask({ q: field.value }, { anew: settled && asked.q !== "", typing: true });
  settled = false;
}

/* -- The engine ------------------------------------------------------------------------------------------------------ */

let opening;

/** The engine, fetched once; after a failure the next question tries again. */
function engine() {
  opening ??= open(form.dataset.engine).catch(newest).catch((error) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function open(address) {
  const module = await import(address);
  return module.open(form.dataset.base);
}

/** This page may be older than the site: then the page as it is now names an engine that fits the index. */
async function newest(error) {
  if (error.code === "offline") throw error;
  const page = await (await fetch(location.pathname, { cache: "no-cache" })).text();
  const address = new DOMParser().parseFromString(page, "text/html").querySelector("form.seek")?.dataset.engine;
  if (!address || address === form.dataset.engine) throw error;
  form.dataset.engine = address;
  return open(address);
}

/** Asks the engine and shows what it answers; true if it does. `further`: more of the same, so that what is shown stays if
    that fails. */
async function answer({ typing = false, further = false } = {}) {
  const own = ++turn;
  document.title = asked.q ? `${shortened(asked.q)} – ${name}` : name;
  if (!asked.q.trim()) {
    showWays();
    return true;
  }
  const slow = setTimeout(() => own === turn && say(status, said.searching), PATIENCE);
  const { q, ...given } = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
  const options = { ...given, limit: shown, typing };
  try {
    const opened = await engine();
    const found = await opened.explore(q, { ...options, counts: false });
    if (own !== turn) return true;
    show(found, opened.names);
    uncounted = () => showCounts(own, opened, q, options);
    count();
    return true;
  } catch (error) {
    if (own === turn) showError(error, further);
    return false;
  } finally {
    clearTimeout(slow);
  }
}

let uncounted; // brings the counts for the hits that are shown

/** The counts of the filters need one file more: it is fetched when the hits are there and the filters unfolded. */
function count() {
  if (!filters.open) return;
  uncounted?.();
  uncounted = undefined;
}

/** The hits stay if the counts do not come. */
async function showCounts(own, opened, q, options) {
  try {
    const { facets } = await opened.explore(q, options);
    if (own === turn) showFilters(facets, opened.names);
  } catch {
    if (own === turn) filters.hidden = true;
  }
}

/* -- What it answers ------------------------------------------------------------------------------------------------- */

function showWays() {
  status.replaceChildren();
  notes.replaceChildren();
  filters.hidden = hits.hidden = true;
  ways.hidden = false;
}

function show(found, names) {
  const { total, results, near, counted } = found;
  const filtered = FILTERS.some((key) => asked[key]);
  const { suggestion, missing } = respelt(asked.q, found.suggestion);
  say(status, message(found, filtered), {
    query: quoted(asked.q), suggestion: quoted(suggestion), missing: quoted(missing), n: number(total), read: number(found.read),
  });
  notes.replaceChildren();
  if (suggestion && !found.corrected) say(note(), said.suggestion, { suggestion: link({ q: suggestion }, suggestion) });
  if (!total && filtered) note().append(link(UNFILTERED, said.unfiltered));
  if (found.truncated) say(note(), said.truncated);

  const cards = total ? results : near;
  listed = total ? results.length : 0;
  hits.hidden = !cards.length && counted;
  hits.querySelector("h2").textContent = total ? said.found : said.near;
  hits.querySelector("h2").classList.toggle("unseen", total > 0);
  list.replaceChildren(...cards.map((hit) => card(hit, names)));
  more.hidden = counted && results.length >= total;
  more.textContent = total ? said.further : said.onward;

  filters.hidden = !total && !filtered;
  showChosen();
  ways.hidden = cards.length > 0;
}

function message({ total, corrected, empty, counted }, filtered) {
  if (total) return plural(corrected ? said.corrected : counted ? said.hits : said.least, total);
  if (!counted) return said.unread;
  if (empty === "query") return said.wordless;
  if (empty === "stopwords") return said.common;
  return filtered ? said.filtered : said.none;
}

/** What the engine proposes, with the reader's own capitals, and the words that it proposes something else for. */
function respelt(query, proposed) {
  const [own, others] = [query, proposed].map((text) => text.trim().split(/\s+/));
  if (own.length !== others.length) return { suggestion: proposed, missing: query };
  const same = own.map((word, i) => word.normalize().toLowerCase() === others[i]);
  return {
    suggestion: proposed && own.map((word, i) => (same[i] ? word : others[i])).join(" "),
    missing: own.filter((_, i) => !same[i]).join(" "),
  };
}

function showError(error, further) {
  const code = error.code ?? (error instanceof TypeError ? "offline" : "unreadable");
  if (!error.code) console.warn(error);
  say(status, said.errors[code] ?? said.errors.unreadable);
  notes.replaceChildren();
  note().append(link(asked, said.retry));
  if (further) return;
  filters.hidden = hits.hidden = true;
  ways.hidden = false;
}

/** One hit, as a headline of the magazine. */
function card(hit, names) {
  const foreign = hit.lang && hit.lang !== lang ? { lang: hit.lang } : {};
  const shelf = names.category[hit.category] ?? hit.category;
  const position = Object.keys(names.category).indexOf(hit.category);
  const about = hit.category
    ? [make("span", { class: "shelf" }, shelf), capital(hit.kind)]
    : [hit.page ? said.page : said.editorial];
  const from = hit.passage.from && make("span", { class: "from" });
  if (from) say(from, said.file, { file: make("a", { href: hit.passage.url }, hit.passage.from) });
  const when = hit.date ? [issueOf(hit), make("time", { datetime: hit.date }, day(hit.date))] : [];
  return make("li", { class: "hit", ...(position < 0 ? {} : { "data-hue": position % 12 }) },
    make("p", { class: "kicker" }, ...dotted(about)),
    make("h3", { class: "headline" }, make("a", { href: hit.url, ...foreign }, ...marked(hit.titleParts))),
    make("p", { class: "passage", ...foreign }, ...marked(hit.passage)),
    make("p", { class: "byline" }, ...dotted([...when, ...[...hit.placeParts, ...hit.tagParts].map(spanned), from])));
}

function issueOf({ issue }) {
  const year = issue.slice(0, 4);
  const label = numbers[issue] ? said.number.replace("{number}", numbers[issue]).replace("{year}", year) : issue;
  return make("a", { href: `${form.dataset.base}/${issue}/` }, label);
}

/* -- Filters --------------------------------------------------------------------------------------------------------- */

function showFilters(facets, names) {
  const focused = filters.contains(document.activeElement) ? document.activeElement : null;
  for (const key of FILTERS) {
    const counts = { ...facets[key] };
    if (asked[key] && !(asked[key] in counts)) counts[asked[key]] = 0;
    showChoices(key, ordered(key, counts, names), names);
  }
  showChosen();
  if (focused && !focused.isConnected) {
    const again = [...filters.querySelectorAll("input")].find((one) => one.name === focused.name && one.checked);
    (again ?? head()).focus({ preventScroll: true });
  }
}

/** What has the focus when a filter that had it is gone: what unfolds them, or at a desk the first choice. */
const head = () => filters.querySelector(desk.matches ? "input:checked" : "summary");

/** Which of the choices that are there hold, and how many. */
function showChosen() {
  for (const input of filters.querySelectorAll("input")) input.checked = input.value === asked[input.name];
  const chosen = FILTERS.filter((key) => asked[key]).length;
  clear.hidden = !chosen;
  say(filters.querySelector("summary"), chosen ? said.chosen : said.unchosen, { n: number(chosen) });
}

/** Values with their counts, in the order that one looks for them in. */
function ordered(key, counts, names) {
  const values = Object.entries(counts);
  if (key === "category") {
    const order = Object.keys(names.category);
    return values.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  }
  if (key === "year") return values.sort(([a], [b]) => b - a);
  return values.sort(([a, m], [b, n]) => n - m || a.localeCompare(b, lang));
}

/** Fills one group of choices; leaves it as it is, with the reader's focus, if nothing in it has changed. */
function showChoices(key, values, names) {
  const group = filters.querySelector(`fieldset[name="${key}"]`);
  group.hidden = values.length < 2 && !asked[key];
  const state = JSON.stringify(values);
  if (group.dataset.values === state) return;
  group.dataset.values = state;
  const unfolded = group.querySelector("details")?.open ?? false;
  const labelOf = { category: (value) => names.category[value] ?? value, kind: capital }[key] ?? String;
  const choices = values.map(([value, count]) => choice(key, value, labelOf(value), count));
  const rest = choices.splice(choices.length > CHOICES + 1 ? CHOICES : choices.length);
  group.replaceChildren(group.querySelector("legend"), choice(key, "", said.all), ...choices);
  if (rest.length) {
    const open = unfolded || values.slice(CHOICES).some(([value]) => value === asked[key]);
    const summary = make("summary");
    say(summary, said.more, { n: number(rest.length) });
    group.append(make("details", open ? { open: "" } : {}, summary, ...rest));
  }
}

function choice(key, value, label, count) {
  const input = make("input", { type: "radio", name: key, value });
  const counted = count == null ? [] : [" ", make("span", { class: "count" }, number(count))];
  return make("label", {}, input, " ", make("span", {}, label, ...counted));
}

/* -- Words and elements ---------------------------------------------------------------------------------------------- */

const plurals = new Intl.PluralRules(lang);
const numerals = new Intl.NumberFormat(lang);
const days = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, // as the rest of the site
  { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

const plural = (forms, count) => forms[plurals.select(count)] ?? forms.other;
const number = (value) => numerals.format(value);
const day = (date) => days.format(new Date(date)).replaceAll(" ", "\u00a0");
const capital = (word) => word.charAt(0).toLocaleUpperCase(lang) + word.slice(1);
const shortened = (text) => (text.length > 80 ? `${text.slice(0, 80).trimEnd()} …` : text);

/** What somebody wrote, in whatever direction, within a sentence of the page, which has quotation marks of its own. */
const quoted = (text) => make("bdi", {}, shortened((text ?? "").trim().replace(/^["”“„«»]([^"”“„«»]*)["”“„«»]$/, "$1")));

/** Lets an element say a sentence, its words in braces filled in. */
function say(element, sentence, values = {}) {
  element.replaceChildren(...sentence.split(/\{(\w+)\}/).map((part, i) => (i % 2 ? values[part] : part)));
}

function make(tag, attributes = {}, ...content) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

function note() {
  const element = make("p");
  notes.append(element);
  return element;
}

function link(change, text) {
  return make("a", { href: addressOf({ ...asked, ...change }) }, make("bdi", {}, text));
}

const spanned = (parts) => make("span", {}, ...marked(parts));

const marked = (parts) => parts.map(({ text, hit }) => (hit ? make("mark", {}, text) : text));

const dotted = (parts) => parts.filter(Boolean).flatMap((part, i) => (i ? [" ", make("span", { class: "dot" }, "·"), " ", part] : [part]));

/* -- What the reader does -------------------------------------------------------------------------------------------- */

field.addEventListener("focus", () => engine().catch(() => {}));
field.addEventListener("input", (event) => event.isComposing || typed());
field.addEventListener("compositionend", typed);
field.addEventListener("change", () => {
  if (askedWith({ q: field.value }).q !== asked.q) take(); // the last letters belong to those before
  settled = true;
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  ask({ q: field.value }, { anew: settled && asked.q !== "" });
  settled = true;
});

filters.addEventListener("change", ({ target }) => {
  if (target.name) ask({ q: field.value, [target.name]: target.value });
  settled = true;
});

filters.addEventListener("toggle", count);

clear.addEventListener("click", () => {
  head().focus();
  ask(UNFILTERED);
});

more.addEventListener("click", async () => {
  const before = listed;
  shown += AT_ONCE;
  if (await answer({ further: true })) remember("replaceState");
  else shown -= AT_ONCE;
  if (listed > before) list.children[before].querySelector("a").focus();
});

/* Who comes back from a hit finds the place again, though the hits are not there when the browser looks for it. */
list.addEventListener("click", () => remember("replaceState", location.href));

addEventListener("popstate", () => {
  if (!history.state && queryOf(fromAddress()) === queryOf(asked)) return; // a way within the page, such as to its text
  clearTimeout(waiting);
  asked = fromAddress();
  shown = history.state?.shown ?? AT_ONCE;
  settled = true;
  field.value = asked.q;
  answer();
});

/* At a desk the filters stand beside the hits, unfolded. */
const desk = matchMedia("(min-width: 64em)");
const unfold = () => (filters.open = desk.matches);
desk.addEventListener("change", unfold);
unfold();

/* Somebody may have written in the field before this script came. */
if (field.value && field.value !== asked.q) typed();
else {
  field.value = asked.q;
  const { top = 0 } = history.state ?? {};
  await answer();
  if (top) scrollTo(0, top);
}
