/* The magazine's search: answers queries from the files under /search/. docs/search.md describes them and the ranking.

   const engine = await open(base);            // base: the site's root, such as "", "/medverkan" or "https://host"
   await engine.search("samverkansråd", { limit: 10 });

   Runs in browsers and in Node. Nothing here touches a page. The first part, "Words", is the same as
   plugins/search/analysis.py, under the same names and in the same order: whoever changes one changes the other. */

/* -- Words ----------------------------------------------------------------------------------------------------------- */

const LONGEST = 48;
const LETTER =
  "0-9a-z\u00df-\u00f6\u00f8-\u02af\u0300-\u036f\u0370-\u060b\u0610-\u061a\u0620-\u06d3\u06d5-\u1fff" +
  "\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe";
const WORD = new RegExp(`([${LETTER}]+)(?::(?:arna|aren|erna|are|ar|er|en|et|ns|n|s|t)(?![${LETTER}]))?`, "g");
const HYPHENATED = new RegExp(`(?<![${LETTER}])[${LETTER}]+(?:-[${LETTER}]+)+`, "g");

export const STOP_WORDS = new Set((
  "alla allt än ändå är ännu annan annat andra antingen åt att av bara både blev bli blir blivit då där därför de dem" +
  " den denna deras dess dessa det detta dig din dina ditt dock du efter ej eller en er era ert ett får få fick finns" +
  " finnas för före från genom går gör göra ha hade han hans har hej hela henne hennes här hon honom hos hur i icke" +
  " ifrån in inför ingen inget inga innan inom inte ja jag ju kan kanske kom kommer kring kunde kunna man många med" +
  " mellan men mer mig min mina mitt mot mycket nån någon något några när nej ni nog nu och också om oss på redan så" +
  " sådan sådana sådant säger sedan sig sin sina sitt ska skall skulle som samt sätt till tills tog två under upp ut" +
  " utan vad vår våra vårt var vara varför varit varje vart vem vems vi vid vilka vilken vilket vill vore you the of" +
  " and to a").split(" "));

/** One spelling for what looks the same: composed letters, lower case, no soft hyphens. */
export const normal = (text) => text.normalize("NFC").replaceAll("\u00ad", "").toLowerCase().normalize("NFC");

/** The words of a normal text, in order. */
export const words = (text) => Array.from(text.matchAll(WORD), (match) => match[1].slice(0, LONGEST));

/** What a normal text writes with hyphens, without them: e-post is also epost. */
export const hyphenated = (text) =>
  Array.from(text.matchAll(HYPHENATED), (match) => match[0].replaceAll("-", "").slice(0, LONGEST));

const SPECIAL = { ø: "o", æ: "ae", ß: "ss", đ: "d", ł: "l", ð: "d", þ: "th", œ: "oe" };

/** Without dots, rings and accents: å, aa, ä and ae are a, ö and oe are o, é is e. */
export const fold = (word) => /[^\0-\x7f]|aa|ae|oe/.test(word)
  ? word.replace(/[øæßđłðþœ]/g, (letter) => SPECIAL[letter])
    .normalize("NFD").replace(/[\u0300-\u036f]/g, "")
    .replace(/aa|ae|oe/g, (pair) => pair[0])
  : word;

const REGION = /^[^aeiouyäåö]*[aeiouyäåö]+[^aeiouyäåö]/;
const SUFFIXES = new Set((
  "a arna erna heterna orna ad e ade ande arne are aste en anden aren heten ern ar er heter or s as arnas ernas ornas" +
  " es ades andes ens arens hetens erns at et andet het ast").split(" "));
const ET = /[aeiouyäåö][^aeiouyäåö]$/;
const NO_ET = /(?:fab|h|pak|rak|stak|kom|iet|[cdmnprstux]it|[ai]lit|ivit|kvit)$/;
const OTHERS = [["fullt", "full", ""], ["lig", "", ""], ["els", "", ""], ["öst", "ös", "iklnprtuv"], ["ig", "", ""]];

/** What is left of a word without its ending: föreningarna → förening. Snowball's algorithm, version 3. */
export const stem = remembered((word) => {
  const region = REGION.exec(word);
  if (!region || word.length < 3) return word;
  const start = Math.max(region[0].length, 3);
  word = mainSuffix(word, start);
  if (word.length - 2 >= start && /(?:dd|gd|nn|dt|gt|kt|tt)$/.test(word)) word = word.slice(0, -1);
  for (const [suffix, kept, before] of OTHERS) {
    if (word.endsWith(suffix) && word.length - suffix.length >= start) {
      const rest = word.slice(0, -suffix.length);
      return !before || (rest && before.includes(rest.at(-1))) ? rest + kept : word;
    }
  }
  return word;
});

function mainSuffix(word, start) {
  for (let length = Math.min(7, word.length - start); length > 0; length--) {
    const suffix = word.slice(-length);
    const rest = word.slice(0, -length);
    if (!SUFFIXES.has(suffix)) continue;
    if (suffix === "et") return takesEt(rest) ? rest : word;
    if (suffix === "s") {
      if (rest.endsWith("et") && takesEt(rest.slice(0, -2))) return rest.slice(0, -2);
      return "bcdfghjklmnoprtvy".includes(rest.at(-1)) ? rest : word;
    }
    return rest;
  }
  return word;
}

const takesEt = (rest) => rest.length > 2 && ET.test(rest) && !NO_ET.test(rest);

const ENDINGS =
  /(?<=.{3})en$|(?<=.{2}[^aeiouyäåö]{2})et$|(?<=.{2}[^aeiouyäåö])an$|(?<=.{3}[iouyéåö])n$|(?<=.{3}[^aeiouyäåöst])t$/;
const LAST = /(?<=.{3}[^aeiouyäåö])n$|(?<=.{2}[^aeiouyäåö])(?:or|e?[lr])$/;
const DOUBLE = /(?<=.)([bcdfghjklmnpqrstvwxz])\1$/;

/** A stem without the endings that Snowball leaves: ekonomin → ekonomi, skolan → skol, föräldr → föräld. */
export const soft = (stemmed) => stemmed.replace(ENDINGS, "").replace(LAST, "").replace(LAST, "").replace(DOUBLE, "$1");

const FIRST = new Set(["et", "ets", "s"]);
const SECOND = new Set(["ad", "anden", "ar", "as", "ast", "ens", "s"]);

/** What all forms of a word share. Two endings go where the first is -et, -ets or -s (ansvarets → ansvar → ansv), or
    where the second is how many words end that have no ending (kostnaden → kostnad → kost, as kostnad → kost). */
export const root = remembered((word) => {
  const once = stem(word);
  const twice = stem(once);
  return soft(FIRST.has(word.slice(once.length)) || SECOND.has(once.slice(twice.length)) ? twice : once);
});

/** The root without dots: the index is sorted by it. */
export const key = remembered((word) => fold(root(word)));

/** The key of a word that somebody writes without dots. Mostly the same, but not always: omrade ends as lekade does. */
export const plainKey = (word) => root(fold(word));

function remembered(rule) {
  const known = new Map();
  return (word) => {
    let found = known.get(word);
    if (found === undefined) {
      if (known.size > 20000) known.clear();
      known.set(word, (found = rule(word)));
    }
    return found;
  };
}

/* -- Lists of texts -------------------------------------------------------------------------------------------------- */

const LEVELS = 8;
const VALUES = Array.from({ length: LEVELS }, (_, level) => 0.125 * 2.25 ** level);
const CHARACTER = new Int8Array(128).fill(-1);
for (let code = 0x23, at = 0; code < 0x7f; code++) if (code !== 0x5c) CHARACTER[code] = at++;
const [MONTHS, HIGHS, LOWS] = [15, 4, 64];
const HIGH = LEVELS + MONTHS;
const LOW = HIGH + HIGHS;

/** Calls `each(place, frequency)` for every text in a list. `starts` says at which place each month's texts begin. */
function postings(list, starts, each) {
  let [value, month, advance, place, gap] = [0, -1, 0, -1, 0];
  for (let i = 0; i < list.length; i++) {
    const character = CHARACTER[list.charCodeAt(i)];
    if (character < LEVELS) {
      value = VALUES[LEVELS - 1 - character];
      month = -1;
    } else if (character < HIGH) {
      advance = advance * MONTHS + character - LEVELS + 1;
    } else if (character < LOW) {
      gap = gap * HIGHS + character - HIGH;
    } else {
      if (advance) {
        month += advance;
        place = starts[month] - 1;
        advance = 0;
      }
      place += gap * LOWS + character - LOW + 1;
      gap = 0;
      each(place, value);
    }
  }
}

/* -- The files of the index ------------------------------------------------------------------------------------------ */

export class SearchError extends Error {
  /** `code`: "offline", "outdated" or "unreadable". */
  constructor(code, message, options) {
    super(message, options);
    this.name = "SearchError";
    this.code = code;
  }
}

/** A part of the index that its entry names is not there: the site has been published anew in between. */
class Missing extends Error {}

const VERSION = 5;
const FINGERPRINT = 4;

const isEntry = (entry) => ["first", "rooms", "texts-at", "facets"].every((name) => typeof entry[name] === "string")
  && ["terms", "words", "endings"].every((name) => Array.isArray(entry[name]));

/** The last place from `low` on whose value, as `valueAt` tells, is not greater than `value`; `low` if there is none. */
function lastAt(value, low, high, valueAt) {
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (valueAt(middle) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the files of a folder begin, with their paths. */
class Directory {
  constructor(folder, [begins, fingerprints]) {
    this.folder = folder;
    this.begins = begins.split(" ");
    this.fingerprints = fingerprints;
  }

  /** The file that holds a key if one does. */
  place(at) {
    return lastAt(at, 0, this.begins.length - 1, (i) => this.begins[i]);
  }

  path(i) {
    const begin = this.begins[i].replace(/[^a-z0-9]/g, (letter) => `_${letter.charCodeAt(0).toString(16)}_`);
    return `${this.folder}/${begin}.${this.fingerprints.substr(i * FINGERPRINT, FINGERPRINT)}.json`;
  }

  /** The paths of those that may hold keys from `first` to `last`: at most `most`, with that of `near` in the middle. */
  paths(first, last, most, near) {
    const [from, to, middle] = [first, last, near].map((at) => this.place(at));
    const start = Math.max(from, Math.min(middle - Math.floor(most / 2), to + 1 - most));
    return Array.from({ length: Math.min(most, to + 1 - start) }, (_, i) => this.path(start + i));
  }
}

class Index {
  constructor(entry, load) {
    this.load = load;
    this.texts = entry.texts;
    this.categories = entry.categories ?? [];
    this.facetsName = entry.facets;
    this.directories = new Map(["terms", "words", "endings"].map((folder) => [folder, new Directory(`${folder}-at`, entry[folder])]));
    this.spare = [[], [], [], []]; // by width
    // A place for each text that there could be: the slots of the issues, one after the other, oldest first.
    this.issues = [];
    this.starts = [];
    this.end = 0;
    [...entry.rooms].forEach((letter, month) => {
      if (letter === " ") return;
      const year = month ? String(Number(entry.first) + Math.floor((month - 1) / 12)).padStart(4, "0") : "";
      const issue = month ? `${year}-${String((month - 1) % 12 + 1).padStart(2, "0")}` : "";
      const mark = entry["texts-at"].substr(this.issues.length * FINGERPRINT, FINGERPRINT);
      this.issues.push({ issue, start: this.end, year, mark });
      this.starts[month] = this.end;
      this.end += 2 ** (letter.charCodeAt(0) - 65);
    });
  }

  /** An array with some numbers for each place, all zero. Whoever gives it back to `spare` leaves it so. */
  borrow(width) {
    return this.spare[width].pop() ?? new Float32Array(this.end * width);
  }

  issueOf(place) {
    return this.issues[lastAt(place, 0, this.issues.length - 1, (i) => this.issues[i].start)];
  }

  /** The files of a folder where keys from `first` to `last` stand if they stand anywhere: at most `most`, about `near`. */
  async paths(folder, first, last = first, most = 1, near = first) {
    const pages = this.directories.get(folder).paths(first, last, 3, near);
    const key = [folder, ...pages].join(" ");
    if (!this.directories.has(key)) {
      const parts = await Promise.all(pages.map((path) => this.load(path)));
      this.directories.set(key, new Directory(folder, [parts.map(([begins]) => begins).join(" "), parts.map(([, prints]) => prints).join("")]));
    }
    return this.directories.get(key).paths(first, last, most, near);
  }

  /** What stands under each key: a map without the keys that are not there. */
  async families(keys) {
    const paths = new Set((await Promise.all(Array.from(keys, (at) => this.paths("terms", at)))).flat());
    const found = new Map();
    for (const family of await this.all(paths)) if (keys.has(family[0])) found.set(family[0], family);
    return found;
  }

  /** The families in the files where these keys have their place, as far as `fits` says. */
  async around(keys, fits) {
    const paths = new Set((await Promise.all(keys.map((at) => this.paths("terms", at)))).flat());
    return (await this.all(paths)).filter((family) => family[1].length && fits(family[0]));
  }

  /** All words in the files of a list that may hold one that begins so, with how common each is (1, 2, 3 …). */
  async list(folder, prefix, most, near) {
    return this.all(await this.paths(folder, prefix, `${prefix}\uffff`, most, near));
  }

  async all(paths) {
    return (await Promise.all(Array.from(paths, (path) => this.load(path)))).flat();
  }

  /** A piece of a text; the first one carries the facts of its card. */
  async text(place, piece = 0) {
    const { issue, start, mark } = this.issueOf(place);
    const folder = issue || "pages";
    const marks = await this.load(`texts-at/${folder}.${mark}.json`);
    return this.load(`texts/${folder}/${place - start}${piece ? `-${piece}` : ""}.${marks[place - start]}.json`);
  }

  facets() {
    return this.load(`facets/${this.facetsName}.json`);
  }
}

/** Opens the search of the magazine whose root is `base`. Fetches the entry only. */
export async function open(base = "", { fetch = globalThis.fetch } = {}) {
  const engine = new Engine(base, fetch);
  await engine.reload();
  return engine;
}

class Engine {
  #base;
  #fetch;
  #index;

  constructor(base, fetch) {
    this.#base = String(base).replace(/(?:\/search)?\/*$/, "");
    this.#fetch = (...parameters) => fetch(...parameters);
  }

  /** Fetches the entry anew. */
  async reload() {
    let entry;
    try {
      entry = await this.#json("index.json", { cache: "no-cache" });
    } catch (error) {
      if (error instanceof Missing) throw new SearchError("unreadable", error.message, { cause: error });
      throw error;
    }
    if (entry?.version !== VERSION) throw new SearchError("outdated", "The index is of another version than the page.");
    if (!isEntry(entry)) throw new SearchError("unreadable", "The index has no entry.");
    const parts = new Map();
    this.#index = new Index(entry, (path) => {
      if (!parts.has(path)) {
        const part = this.#json(path);
        part.catch(() => parts.delete(path));
        parts.set(path, part);
      }
      return parts.get(path);
    });
  }

  async #json(path, options) {
    const address = `${this.#base}/search/${path}`;
    let response;
    try {
      response = await this.#fetch(address, options).catch(() => this.#fetch(address, options)); // a bad line deserves one more try
    } catch (error) {
      throw new SearchError("offline", `${address} could not be fetched.`, { cause: error });
    }
    if (!response.ok) throw new Missing(`${address}: ${response.status}`);
    try {
      return await response.json();
    } catch (error) {
      throw new Missing(`${address}: ${error.message}`, { cause: error });
    }
  }

  get size() {
    return this.#index.texts;
  }

  get names() {
    return { category: Object.fromEntries(this.#index.categories) };
  }

  /** The best hits, as [{url, title, score, category, issue, date, kind, places, passage, …}]. */
  async search(query, options = {}) {
    return (await this.#answer(query, options, false)).results;
  }

  /** The hits with all that a page of results shows: {results, total, facets, suggestion, near, …}. */
  async explore(query, options = {}) {
    return this.#answer(query, options, true);
  }

  async #answer(query, options, whole) {
    for (let attempt = 0; ; attempt++) {
      try {
        return await answer(this.#index, String(query ?? ""), options, whole, this.#path());
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        if (attempt) throw new SearchError("outdated", error.message, { cause: error });
        await this.reload();
      }
    }
  }

  #path() {
    return this.#base.replace(/^[a-z]+:\/\/[^/]*/i, "");
  }
}

/* -- Queries --------------------------------------------------------------------------------------------------------- */

const MOST_WORDS = 32;
const MOST_CHARACTERS = 4000;
const MOST_QUOTED = 4;
const QUOTED = /(?:(?<=^|\s)(-))?["”“„«»]([^"”“„«»]*)["”“„«»]/;
const EXCLUDED = new RegExp(`(?<=^|\\s)-([${LETTER}]+(?:-[${LETTER}]+)*)`, "g");

/** Takes a query apart: {words, exact, phrases, unwanted, excluded, joined, ignored, truncated, …}. What is quoted is meant
    as it is written: `exact`, its words; `phrases`, those that stand in a row. What has a minus before it is not to be
    there: `excluded`, words; `unwanted`, phrases. */
export function parse(query) {
  const text = normal(query.slice(0, MOST_CHARACTERS));
  const [found, phrases, unwanted, excluded, joined, exact] = [[], [], [], [], [], new Set()];
  // What stands between quotation marks, by turns with what does not.
  const pieces = text.split(QUOTED);
  for (let i = 0; i < pieces.length; i += 3) {
    const [outside, minus, inside] = [pieces[i], pieces[i + 1], words(pieces[i + 2] ?? "")];
    const kept = outside.replace(EXCLUDED, (_, word) => (excluded.push(word.replaceAll("-", "")), " "));
    found.push(...words(kept));
    joined.push(...hyphenated(kept));
    if (minus && inside.length > 1) unwanted.push(inside);
    else if (minus) excluded.push(...inside);
    else {
      found.push(...inside);
      inside.forEach((word) => exact.add(word));
      if (inside.length > 1) phrases.push(inside);
    }
  }
  const all = [...new Set(found)];
  const carrying = all.filter((word) => !STOP_WORDS.has(word) && (word.length > 1 || /[0-9]/.test(word)));
  const used = (carrying.length ? carrying : all).slice(0, MOST_WORDS);
  return {
    words: used,
    exact: new Set(used.filter((word) => exact.has(word))),
    phrases: phrases.slice(0, MOST_QUOTED),
    unwanted: unwanted.slice(0, MOST_QUOTED),
    excluded: excluded.slice(0, MOST_WORDS),
    joined: exact.size ? [] : joined.slice(0, MOST_WORDS),
    ignored: all.filter((word) => !used.includes(word) && !exact.has(word)),
    truncated: query.length > MOST_CHARACTERS || carrying.length > MOST_WORDS || Math.max(phrases.length, unwanted.length) > MOST_QUOTED,
    common: all.length > 0 && !carrying.length,
    raw: all,
  };
}

/** A query without its quotation marks, and without what it does not want in them. */
const unquoted = (query) => query.replace(new RegExp(QUOTED, "g"), (_, minus, inside) => (minus ? " " : ` ${inside.replaceAll("-", " ")} `))
  .replace(/\s+/g, " ").trim();

/* -- Ranking --------------------------------------------------------------------------------------------------------- */

export const WEIGHTS = {
  exact: 1, inflected: 0.85, soft: 0.8, root: 0.6, folded: 0.5, part: 0.6, foldedPart: 0.4, split: 0.9, joined: 0.9, joint: 1,
  derived: 0.5, abbreviation: 0.8, beginning: 0.7, corrected: 0.75, twice: 0.55,
  also: 0.4, coverage: 1.0, good: 0.5, strong: 0.3, title: 1,
};

/** How frequency counts. A short query asks for what is about its word: that a text has it counts most, in the order of
    the ways. In a long one many words are chance, and a text must say them more than once. */
function shapeFor(words) {
  const short = Math.max(0, 1 - (words - 1) / 4);
  return { floor: 2 * short, saturation: 4 - 3 * short };
}

const saturated = (frequency, { floor, saturation }) =>
  (floor + frequency * (1 + saturation) / (frequency + saturation)) / (1 + floor);

const unsaturated = (value, { floor, saturation }) => {
  const share = Math.max(0, Math.min(value * (1 + floor) - floor, 1.5 + saturation / 2));
  return share * saturation / (1 + saturation - share) || 1e-6;
};

function rarity(index, texts) {
  return Math.log(1 + (index.texts - texts + 0.5) / (texts + 0.5));
}

/** Some numbers for each text, nought for most texts. */
class Table {
  constructor(index, width) {
    this.index = index;
    this.width = width;
    this.numbers = [];
    this.values = index.borrow(width);
    index.borrowed.add(this);
  }

  /** Where in `values` a text's begin. The first of them is to become more than nought. */
  row(number) {
    const row = number * this.width;
    if (!this.values[row]) this.numbers.push(number);
    return row;
  }

  /** Gives its array back: nothing can be asked of it any more. */
  release() {
    const { numbers, values, width } = this;
    for (let i = 0; i < numbers.length; i++) {
      for (let at = numbers[i] * width, end = at + width; at < end; at++) values[at] = 0;
    }
    this.index.spare[width].push(values);
    this.index.borrowed.delete(this);
  }
}

/** A number for each text. */
class Scores extends Table {
  constructor(index) {
    super(index, 1);
  }

  at(number) {
    return this.values[number];
  }

  set(number, value) {
    this.values[this.row(number)] = value;
  }

  raise(number, value) {
    if (value > this.values[number]) this.set(number, value);
  }
}

/** How well a word of the query fits each text: its frequency there, and that weighted by the ways in which it was found. */
class Fit extends Table {
  constructor(index) {
    super(index, 2);
  }

  add(list, weight) {
    postings(list, this.index.starts, (number, value) => this.addOne(number, value, weight));
  }

  addOne(number, value, weight) {
    const row = this.row(number);
    this.values[row] += value;
    this.values[row + 1] += value * weight;
  }

  get count() {
    return this.numbers.length;
  }

  /** From 0 to somewhat above 1, without the word's rarity. */
  at(number) {
    const frequency = this.values[2 * number];
    return frequency ? this.values[2 * number + 1] / frequency * saturated(frequency, this.index.shape) : 0;
  }
}

/** What the words of a query give each text in all, how much of the words' rarity it covers, and that of those it has. */
class Total extends Table {
  constructor(index) {
    super(index, 3);
  }

  add(number, score, covered, rarity) {
    const row = this.row(number);
    this.values[row] += score;
    this.values[row + 1] += covered;
    this.values[row + 2] += rarity;
  }

  at(number) {
    return this.values[3 * number];
  }

  scale(number, factor) {
    this.values[3 * number] *= factor;
  }

  covered(number) {
    return this.values[3 * number + 1];
  }

  present(number) {
    return this.values[3 * number + 2];
  }
}

/** The forms of a word that stand in the index, with the weight of each: [[form, list, weight, halves], …]. */
function forms(families, word) {
  const found = new Map();
  for (const at of new Set([key(word), plainKey(word)])) {
    const family = families.get(at)?.[1] ?? [];
    for (let i = 0; i < family.length; i += 2) {
      const [form, ...halves] = family[i].split("|");
      found.set(form, [form, family[i + 1], likeness(form, word), halves]);
    }
  }
  const all = [...found.values()];
  // Nobody has written the word as it was asked for: then it was meant so, without dots.
  if (!found.has(word)) for (const form of all) if (fold(form[0]) === fold(word)) form[2] = WEIGHTS.exact;
  return all;
}

/** Plurals that have dots where the rest of the word has none: städer, stad. */
const PLURAL = /[äö][^aeiouyäåö]+er(?:na)?s?$/;
const changesVowel = (plural, other) => PLURAL.test(plural) && fold(other) === other;

function likeness(form, word) {
  if (form === word) return WEIGHTS.exact;
  if (stem(form) === stem(word)) return WEIGHTS.inflected;
  if (soft(stem(form)) === soft(stem(word))) return WEIGHTS.soft;
  if (root(form) === root(word) || changesVowel(form, word) || changesVowel(word, form)) return WEIGHTS.root;
  return WEIGHTS.folded * (fold(form) === fold(word) ? 1 : WEIGHTS.inflected);
}

/** The lists of compounds that have a part with this root, each with its weight and the part's root: [[list, weight, root], …]. */
function parts(families, word) {
  const found = [];
  for (const at of new Set([key(word), plainKey(word)])) {
    const family = families.get(at)?.[2] ?? [];
    for (let i = 0; i < family.length; i += 2) {
      found.push([family[i + 1], family[i] === root(word) ? WEIGHTS.part : WEIGHTS.foldedPart, family[i]]);
    }
  }
  return found;
}

/** Both. Who writes dots means them: if any text has them, what differs in dots is left out; the word is `dotted`. */
function standing(families, word) {
  const [own, compounds] = [forms(families, word), parts(families, word)];
  const same = (other) => other === root(word);
  const dotted = fold(word) !== word && (own.some(([form]) => same(root(form))) || compounds.some(([, , of]) => same(of)));
  if (!dotted) return { own, compounds, dotted };
  const meant = (other) => same(other) || changesVowel(word, other);
  return { own: own.filter(([form]) => meant(root(form))), compounds: compounds.filter(([, , of]) => meant(of)), dotted };
}

/** What is found of one word of the query: scores by text, and what to mark. `as` is how words are compared with it: by
    their roots, or without dots. */
class Unit {
  keys = new Set(); // what means the same, as `as` has it
  some = undefined; // what together means the same: halves of a compound, words of an abbreviation
  beginnings = [];
  related = []; // where compounds with it stand, and what is derived from it
  correction = "";
  apart = undefined; // the texts that have both its halves, and nothing else of it
  rarity = 0;

  constructor(index, word, { exact = false, dotted = false } = {}) {
    this.word = word;
    this.exact = exact;
    this.as = dotted ? root : key;
    this.scores = new Scores(index);
    this.means(word);
  }

  means(word) {
    this.keys.add(this.as(word));
  }
}

const DERIVING = /(?<=.{4})(?:er(?:ing|and|are|ad|at|a)?|ation?|ning|ing|else|els|and|end|ar|ad|lig|isk|het|bar)$/;

/** What words have in common that are made from one another: vaccin, vaccinera, vaccinering, vaccination. */
export const origin = (at) => soft(at.replace(DERIVING, ""));

async function derived(index, { word, as }) {
  const at = key(word);
  const from = origin(at);
  const fit = new Fit(index);
  if (from.length < 4) return fit;
  const own = origin(as(word));
  for (const [, list] of await index.around([at, from], (other) => other !== at && origin(other) === from)) {
    for (let i = 0; i < list.length; i += 2) {
      if (origin(as(list[i].split("|")[0])) === own) fit.add(list[i + 1], WEIGHTS.derived);
    }
  }
  return fit;
}

/** Where a quoted word stands, as it is written. */
function asWritten(index, families, word) {
  const fit = new Fit(index);
  for (const [form, list] of forms(families, word)) if (form === word) fit.add(list, WEIGHTS.exact);
  const unit = new Unit(index, word, { exact: true });
  unit.rarity = rarity(index, fit.count);
  for (const number of fit.numbers) unit.scores.set(number, fit.at(number) * unit.rarity);
  return unit;
}

/** Where one word of the query stands, in whatever way. `open`: it may be the beginning of what was meant; `typing`: it is,
    also if it is a word. */
async function lookUp(index, families, word, open, typing) {
  const { own, compounds, dotted } = standing(families, word);
  const unit = new Unit(index, word, { dotted });
  const strict = new Fit(index);
  for (const [form, list, weight] of own) {
    strict.add(list, weight);
    unit.means(form);
  }
  const loose = new Fit(index);
  for (const [list, weight] of compounds) loose.add(list, weight);
  const ways = [];
  const exactly = own.some(([, , weight]) => weight >= WEIGHTS.root);
  if (strict.count) ways.push([strict, rarity(index, strict.count)]);
  if (loose.count) ways.push([loose, rarity(index, Math.min(index.texts, loose.count + strict.count))]);
  const related = await derived(index, unit);
  if (related.count) ways.push([related, rarity(index, Math.min(index.texts, related.count + strict.count))]);
  unit.related.push(loose, related);
  const begun = open && (typing || !exactly) && await addBeginnings(index, word, unit, ways);
  let halves = own.find(([form]) => form === word)?.[3] ?? own.find(([, , , split]) => split.length)?.[3] ?? [];
  if (!exactly) {
    const misspelt = !begun && !(own.length && fold(word) === word);
    const [cut] = await Promise.all([own.length ? [] : split(index, word), misspelt && addCorrections(index, unit, ways)]);
    if (cut.length) halves = cut;
  }
  if (halves.length > 1 && strict.count < ENOUGH) await addHalves(index, families, halves, unit, ways, own.length > 0);
  for (const [fit, rare, weight = 1] of ways) {
    for (const number of fit.numbers) {
      const score = fit.at(number) * rare * weight;
      const other = unit.scores.at(number);
      unit.scores.set(number, Math.max(score, other) + WEIGHTS.also * Math.min(score, other));
    }
    if (!unit.related.includes(fit)) fit.release();
  }
  unit.rarity = ways[0]?.[1] ?? Math.log(1 + index.texts);
  return unit;
}

/** A compound that stands in so many texts finds enough by itself. */
const ENOUGH = 10;

/** A compound of the query finds texts that have both its halves, as words or in other compounds. */
async function addHalves(index, families, halves, unit, ways, known) {
  const missing = new Set(halves.map(fold).filter((at) => !families.has(at)));
  const all = new Map([...families, ...await index.families(missing)]);
  const fits = halves.map((half) => {
    const fit = new Fit(index);
    const family = all.get(fold(half)) ?? [];
    for (let i = 0; i < (family[1]?.length ?? 0); i += 2) {
      if (root(family[1][i].split("|")[0]) === half) fit.add(family[1][i + 1], 1);
    }
    for (let i = 0; i < (family[2]?.length ?? 0); i += 2) if (family[2][i] === half) fit.add(family[2][i + 1], 0.7);
    return fit;
  });
  const [first, ...others] = fits.sort((a, b) => a.count - b.count);
  const both = new Fit(index);
  for (const number of first.numbers) {
    let least = first.at(number);
    for (const fit of others) least = Math.min(least, fit.at(number));
    if (least) both.addOne(number, unsaturated(least, index.shape), WEIGHTS.split);
  }
  unit.some = new Set(unit.as === root ? halves : halves.map(fold));
  if (both.count) {
    unit.apart = new Set(both.numbers.filter((number) => !ways.some(([fit]) => fit.at(number))));
    ways.push([both, rarity(index, both.count)]);
  }
  if (!known && !both.count) {
    for (const fit of fits) if (fit.count) ways.push([fit, rarity(index, fit.count), WEIGHTS.part]);
  }
}

const JOINTS = "soeua";
const MOST_CUTS = 5;
const AS_IT_STANDS = 4;

/** How an unknown word can be cut in two known ones: their roots; empty if it cannot. Long heads come before short ones; one
    that is known as it stands, not only in another form, counts as some letters longer. */
async function split(index, word) {
  const cuts = [];
  for (let cut = word.length - 3; cut >= 3; cut--) {
    const head = word.slice(0, cut);
    for (const start of JOINTS.includes(head.at(-1)) && cut > 3 ? [head, head.slice(0, -1)] : [head]) {
      cuts.push({ start, head: root(start), tail: root(word.slice(cut)) });
    }
  }
  if (!cuts.length) return [];
  const heads = await index.families(new Set(cuts.map(({ head }) => fold(head))));
  const formsOf = ({ head }) => (heads.get(fold(head))?.[1] ?? []).filter((_, i) => i % 2 === 0).map((form) => form.split("|")[0]);
  const possible = cuts.map((one) => ({ ...one, forms: formsOf(one) })).filter(({ forms }) => forms.length)
    .map((one) => ({ ...one, weight: one.start.length + (one.forms.includes(one.start) ? AS_IT_STANDS : 0) }))
    .sort((a, b) => b.weight - a.weight).slice(0, MOST_CUTS);
  const tails = await index.families(new Set(possible.map(({ tail }) => fold(tail))));
  const found = possible.find(({ tail }) => tails.get(fold(tail))?.[1]?.length);
  return found ? [found.head, found.tail] : [];
}

/** Words that begin as the last word of the query does, which its reader may not have typed to the end; whether there are. */
async function addBeginnings(index, word, unit, ways) {
  const start = fold(word);
  if (start.length < 2) return false;
  const listed = await index.list("words", start, 2);
  const found = [];
  for (const entry of listed) {
    const form = entry.slice(1);
    if (form !== word && fold(form).startsWith(start)) found.push({ form, common: entry.charCodeAt(0) });
  }
  found.sort((a, b) => b.common - a.common || a.form.length - b.form.length || (a.form < b.form ? -1 : 1));
  const chosen = new Set(found.slice(0, 8).map(({ form }) => key(form)));
  const families = await index.families(new Set([...chosen].slice(0, 5)));
  const fit = new Fit(index);
  for (const family of families.values()) {
    for (let i = 0; i < family[1].length; i += 2) {
      const form = family[1][i].split("|")[0];
      if (fold(form).startsWith(start) && form !== word) fit.add(family[1][i + 1], WEIGHTS.beginning);
    }
  }
  if (!fit.count) return false;
  unit.beginnings.push(start);
  ways.push([fit, rarity(index, fit.count)]);
  return true;
}

/* -- Spelling -------------------------------------------------------------------------------------------------------- */

/** Where the words stand that the unit's word may be a misspelling of. */
async function addCorrections(index, unit, ways) {
  const corrections = await corrected(index, unit.word);
  if (!corrections.length) return;
  unit.correction = corrections[0].form;
  const known = await index.families(new Set(corrections.map(({ form }) => key(form))));
  for (const { form, weight } of corrections) {
    const fit = new Fit(index);
    for (const [, list, like] of forms(known, form)) if (like >= WEIGHTS.root) fit.add(list, like * weight);
    for (const [list, like] of parts(known, form)) fit.add(list, like * weight);
    if (fit.count) ways.push([fit, rarity(index, fit.count)]);
    unit.related.push(fit);
    unit.means(form);
  }
}

const MOST_CORRECTIONS = 3;
/** That only the roots are alike costs so much of a mistake more. */
const BY_ROOT = 0.6;

/** The known words that a word may be a misspelling of: [{form, distance, weight}], the likeliest first. */
async function corrected(index, word) {
  const plain = fold(word);
  const bare = key(word);
  const allowed = plain.length < 4 ? 0 : plain.length < 8 ? 1 : 2;
  if (!allowed || /^[0-9]+$/.test(plain)) return [];
  // One mistake leaves the first half of a word as it is, or the second: words alike in either are looked at.
  const half = Math.floor(plain.length / 2);
  const begin = plain.slice(0, Math.max(2, half - 1));
  const mirrored = [...plain].reverse().join("");
  const end = mirrored.slice(0, Math.max(2, half - 1));
  const [begins, ends] = await Promise.all([index.list("words", begin, 4, plain), index.list("endings", end, 4, mirrored)]);
  const letters = lettersOf(bare);
  const found = new Map();
  for (const entry of [...begins, ...ends]) {
    const form = entry.slice(1);
    if (found.has(form) || Math.abs(form.length - word.length) > allowed + 4) continue;
    if (lacking(letters, form) > allowed) continue;
    const distance = Math.min(editDistance(plain, fold(form), allowed), editDistance(bare, key(form), allowed) + BY_ROOT);
    if (distance <= allowed + BY_ROOT) found.set(form, { form, distance, common: entry.charCodeAt(0) - 64 });
  }
  const likely = [...found.values()].map((one) => ({ ...one, cost: one.distance - one.common * 0.06 + (one.form[0] === word[0] ? 0 : 0.3) }));
  likely.sort((a, b) => a.cost - b.cost || (a.form < b.form ? -1 : 1));
  const least = likely[0]?.cost;
  return likely.filter(({ cost }) => cost < least + 1).slice(0, MOST_CORRECTIONS)
    .map((one, i) => ({ ...one, weight: (one.distance > 1.5 ? WEIGHTS.twice : WEIGHTS.corrected) * (i ? 0.8 : 1) }));
}

/** Which of a-z a folded word has, as bits. */
function lettersOf(word) {
  let bits = 0;
  for (let i = 0; i < word.length; i++) bits |= 1 << word.charCodeAt(i);
  return bits;
}

/** How many of some letters a word does not have; quick, to spare it the comparison. */
function lacking(letters, word) {
  let left = letters & ~lettersOf(fold(word));
  let count = 0;
  for (; left; left &= left - 1) count++;
  return count;
}

/** Letters to add, leave out, change, or swap with a neighbour; more than `most` counts as most + 1. */
export function editDistance(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      if (row[j] < least) least = row[j];
    }
    if (least > most) return most + 1;
    before = above;
    above = row;
  }
  return above[b.length];
}

/* -- Answers --------------------------------------------------------------------------------------------------------- */

/** So many hits are shown that are only near what was asked for. */
const NEAR = 5;

async function answer(all, query, options, whole, path) {
  const { limit = 10, offset = 0, sort = "relevance", signal } = options;
  const asked = parse(query);
  const result = {
    results: [], total: 0, facets: { category: {}, kind: {}, place: {}, year: {} }, words: asked.words, suggestion: "",
    corrected: false, near: [], ignored: asked.ignored, empty: "", truncated: asked.truncated, counted: true, read: 0,
  };
  if (!asked.words.length) return { ...result, empty: "query" };
  const last = asked.words.at(-1);
  const open = asked.raw.at(-1) === last && new RegExp(`[${LETTER}]$`).test(normal(query)) ? last : "";
  const index = Object.assign(Object.create(all), { shape: shapeFor(asked.words.length), borrowed: new Set() });
  const { units, numbers: found, scores } = await find(index, asked, open, options);
  const better = (a, b) => scores.at(b) - scores.at(a) || b - a;
  const later = (a, b) => index.issueOf(b).start - index.issueOf(a).start || better(a, b);
  const order = sort === "date" ? later : better;
  const card = (number) => makeCard(index, number, scores.at(number), units, path);

  const filters = await filtering(index, options, whole);
  let numbers = found;
  const inRows = asked.phrases.length + asked.unwanted.length > 0;
  const few = found.length <= FEW; // then all are read, so that the filters can be counted too
  if (inRows) {
    const possible = (few ? found : found.filter(filters.pass)).sort(order);
    ({ found: numbers, read: result.read } = await withPhrases(index, possible, asked, few ? FEW : limit + offset));
    result.counted = result.read === possible.length;
  }
  const halves = units.length === 1 && units[0].apart;
  if (halves) numbers = await withHalves(index, numbers, firstOf(numbers, APART.read, better), scores, units);
  if (whole || sort === "date") {
    const most = (of) => numbers.reduce((sum, number) => Math.max(sum, of(number)), 0);
    const enough = most((number) => scores.present(number)) * WEIGHTS.good;
    const strong = most((number) => scores.at(number)) * WEIGHTS.strong;
    numbers = numbers.filter((number) => scores.present(number) >= enough || scores.at(number) >= strong);
  }
  if (whole && filters.counts) result.facets = inRows && !few ? uncounted(filters.counts(found)) : filters.counts(numbers);
  const passing = numbers.filter(filters.pass);
  if (sort === "relevance" && offset < USUALLY.read && !halves) {
    await readFirst(index, firstOf(passing, USUALLY.read, better), scores, units, USUALLY);
  }
  result.total = passing.length;
  result.results = await Promise.all(firstOf(passing, offset + limit, order).slice(offset).map(card));
  signal?.throwIfAborted();
  if (units.some(({ correction }) => correction)) {
    result.suggestion = suggest(query, units);
    result.corrected = passing.length > 0;
  }
  if (whole && !passing.length) {
    result.empty = asked.common ? "stopwords" : "hits";
    if (asked.exact.size) {
      const { results, suggestion } = await answer(all, unquoted(query), { limit: NEAR, signal }, true, path);
      Object.assign(result, { near: results, suggestion });
    } else {
      result.near = await Promise.all(firstOf(numbers, NEAR, better).map(card));
    }
  }
  for (const one of index.borrowed) one.release();
  return result;
}

/** Looks all words of a query up: how well each text answers it, and how much of it each text has. */
async function find(index, asked, open, { typing = false, signal }) {
  const keys = new Set([...asked.words, ...asked.excluded, ...asked.joined].flatMap((word) => [key(word), plainKey(word)]));
  const families = await index.families(keys);
  const units = await Promise.all(asked.words.map((word) => (
    asked.exact.has(word) ? asWritten(index, families, word) : lookUp(index, families, word, word === open, typing))));
  signal?.throwIfAborted();
  await addAbbreviations(index, families, units);
  await addJoined(index, asked, units);
  const excluded = having(index, families, asked.excluded);
  const quoted = units.filter(({ exact }) => exact);
  units.rows = asked.phrases.map((phrase) => new Row(phrase, quoted));
  const scores = total(index, units);
  const numbers = scores.numbers.filter((number) => !excluded.has(number) && quoted.every((unit) => unit.scores.at(number)));
  signal?.throwIfAborted();
  return { units, numbers, scores };
}

/** The first `count` of some things in an order, without sorting them all. */
function firstOf(things, count, order) {
  if (things.length < 4 * count) return [...things].sort(order).slice(0, count);
  const first = [];
  for (const thing of things) {
    if (first.length === count && order(thing, first[count - 1]) > 0) continue;
    let at = first.length;
    while (at > 0 && order(thing, first[at - 1]) < 0) at--;
    first.splice(at, 0, thing);
    if (first.length > count) first.pop();
  }
  return first;
}

/** Adds up what the words of the query give each text. Texts that have more of the words gain by it. */
function total(index, units) {
  const result = new Total(index);
  const all = worth(units);
  for (const { scores, rarity } of units) {
    for (const number of scores.numbers) {
      const score = scores.at(number);
      result.add(number, score, Math.min(score, rarity), rarity);
    }
  }
  for (const number of result.numbers) result.scale(number, (result.covered(number) / all) ** WEIGHTS.coverage);
  return result;
}

/** The texts that have a form of one of these words. */
function having(index, families, words) {
  const found = new Set();
  for (const word of words) {
    for (const [, list, weight] of forms(families, word)) {
      if (weight >= WEIGHTS.root) postings(list, index.starts, (number) => found.add(number));
    }
  }
  return found;
}

/** What the text writes in full is found by its abbreviation, and the other way round. */
async function addAbbreviations(index, families, units) {
  const free = units.filter(({ exact }) => !exact);
  const byKey = new Map(free.map((unit) => [key(unit.word), unit]));
  for (const unit of free) {
    for (const [short, ...long] of families.get(key(unit.word))?.[3] ?? []) {
      if (short === unit.word) {
        const all = new Map([...families, ...await index.families(new Set(long.map(key)))]);
        const fits = long.map((word) => {
          const fit = new Fit(index);
          for (const [, list, weight] of forms(all, word)) if (weight >= WEIGHTS.root) fit.add(list, weight);
          return fit;
        });
        const rare = fits.reduce((sum, fit) => sum + rarity(index, fit.count), 0);
        for (const number of fits[0].numbers) {
          const least = Math.min(...fits.map((fit) => fit.at(number)));
          if (least) unit.scores.raise(number, least * WEIGHTS.abbreviation * Math.max(unit.rarity, Math.min(rare, rarity(index, 1))));
        }
        unit.some = new Set(long.map(unit.as));
      } else if (long.every((word) => byKey.has(key(word)))) {
        const all = new Map([...families, ...await index.families(new Set([key(short)]))]);
        const fit = new Fit(index);
        for (const [form, list] of forms(all, short)) if (form === short) fit.add(list, WEIGHTS.abbreviation);
        for (const word of long) {
          const spelt = byKey.get(key(word));
          for (const number of fit.numbers) spelt.scores.raise(number, fit.at(number) * spelt.rarity);
          spelt.means(short);
        }
      }
    }
  }
}

/** Words of the query that a text writes as one: with a hyphen between them here, or two neighbours as a compound. */
async function addJoined(index, asked, units) {
  const byWord = new Map(units.filter(({ exact }) => !exact).map((unit) => [unit.word, unit]));
  const pairs = asked.joined.map((joined) => [[joined], units.filter(({ word }) => joined.includes(word))]);
  for (let i = 0; i + 1 < asked.raw.length && i < MOST_JOINED; i++) {
    const couples = [[asked.raw[i], asked.raw[i + 1]]];
    if (STOP_WORDS.has(asked.raw[i + 1])) couples.push([asked.raw[i + 2], asked.raw[i]]); // råd för samverkan
    for (const [first, second] of couples.map((couple) => couple.map((word) => byWord.get(word)))) {
      if (first && second && first.word.length > 2 && second.word.length > 2) {
        pairs.push([jointForms(first.word).map((head) => head + second.word), [first, second]]);
      }
    }
  }
  const families = await index.families(new Set(pairs.flatMap(([texts]) => texts.map(key))));
  for (const [texts, both] of pairs) {
    const fit = new Fit(index);
    const seen = new Set();
    for (const text of texts) {
      for (const [form, list, weight] of forms(families, text)) {
        if (weight >= WEIGHTS.root && !seen.has(form)) fit.add(list, weight * WEIGHTS.joined);
        seen.add(form);
      }
      if (fit.count) both.forEach((unit) => unit.means(text));
    }
    const rare = rarity(index, fit.count) * WEIGHTS.joint;
    for (const unit of both) for (const number of fit.numbers) unit.scores.raise(number, fit.at(number) * Math.max(unit.rarity, rare));
  }
}

const MOST_JOINED = 4;

/** A word as the first part of a compound. */
const jointForms = (word) => [...new Set([word, `${word}s`, ...["", "s", "o", "u", "e", "a"].map((joint) => root(word) + joint)])];

/** The query with its misspelt words put right. */
function suggest(query, units) {
  let text = normal(query);
  for (const { word, correction } of units) {
    if (correction) text = text.replace(new RegExp(`(?<![${LETTER}])${word}(?![${LETTER}])`), correction);
  }
  return text;
}

/* -- Filters --------------------------------------------------------------------------------------------------------- */

async function filtering(index, options, whole) {
  const { category, kind, place, year, counts: counting = true } = options;
  const tests = {};
  const pass = (number) => Object.values(tests).every((test) => test(number));
  if (year) tests.year = (number) => index.issueOf(number).year === String(year);
  if (!(whole && counting) && !category && !kind && !place) return { pass: year ? pass : () => true };
  const facets = await index.facets();
  const turns = new Map();
  postings(facets.texts, index.starts, (place) => turns.set(place, turns.size));
  const value = (name, place) => {
    const code = facets[name][1].charCodeAt(turns.get(place));
    return facets[name][0][code < 0x100 ? code - 0x23 : code - 0x100];
  };
  const others = new Map(facets.place[2].map(([turn, ...more]) => [turn, more.map((at) => facets.place[0][at])]));
  const placesOf = (place) => [value("place", place), ...others.get(turns.get(place)) ?? []];
  if (category) tests.category = (number) => value("category", number) === category;
  if (kind) tests.kind = (number) => value("kind", number) === kind;
  if (place) tests.place = (number) => placesOf(number).includes(place);
  const labels = {
    category: (number) => [value("category", number)],
    kind: (number) => [value("kind", number)],
    place: placesOf,
    year: (number) => [index.issueOf(number).year],
  };
  const counts = (numbers) => {
    const found = {};
    for (const [name, labelsOf] of Object.entries(labels)) {
      const count = new Map();
      const rest = Object.entries(tests).filter(([other]) => other !== name).map(([, test]) => test);
      for (const number of numbers) {
        if (rest.every((test) => test(number))) {
          for (const label of labelsOf(number)) if (label) count.set(label, (count.get(label) ?? 0) + 1);
        }
      }
      found[name] = Object.fromEntries(count);
    }
    return found;
  };
  return { pass, counts };
}

/** Which choices there are, but not how many texts each has. */
const uncounted = (facets) => Object.fromEntries(Object.entries(facets).map(([name, counts]) => (
  [name, Object.fromEntries(Object.keys(counts).map((value) => [value, null]))])));

/* -- Phrases --------------------------------------------------------------------------------------------------------- */

const AT_ONCE = 10;
/** So many texts are all read. If there are more, so many at most for each hit that is wanted. */
const FEW = 100;
const EACH = 10;

/** Of the texts, in their order, those that have all of the phrases and none of those unwanted: the texts themselves are
    read, until as many are found as are wanted. Gives them, and how many were read. */
async function withPhrases(index, ranked, { phrases, unwanted }, wanted) {
  const found = [];
  const most = Math.min(ranked.length, wanted * EACH);
  let read = 0;
  while (read < most && found.length < wanted) {
    const batch = ranked.slice(read, Math.min(read + AT_ONCE, most));
    const lacking = await Promise.all(batch.map((number) => lackingPhrases(index, number, [...phrases, ...unwanted])));
    found.push(...batch.filter((_, i) => lacking[i].length === unwanted.length && unwanted.every((phrase) => lacking[i].includes(phrase))));
    read += batch.length;
  }
  return { found, read };
}

/** Those of the phrases that a text does not have anywhere. */
async function lackingPhrases(index, number, phrases) {
  const card = await index.text(number);
  const texts = [
    card.title, card.summary ?? "", card.text, ...card.tags ?? [], ...card.places ?? [], ...(card.files ?? []).map(([title]) => title),
  ];
  let missing = phrases.filter((phrase) => !texts.some((text) => inOrder(text, phrase)));
  for (const [i, [, bits]] of (card.more ?? []).entries()) {
    if (!missing.some((phrase) => mayHaveAll(bits, phrase))) continue;
    const text = await index.text(number, i + 1);
    missing = missing.filter((phrase) => !inOrder(text, phrase));
  }
  return missing;
}

const inOrder = (text, phrase) => ` ${words(normal(text)).join(" ")} `.includes(` ${phrase.join(" ")} `);

/** A phrase, as something that a stretch of text may tell: worth twice what its words are worth apart. */
class Row {
  constructor(phrase, units) {
    this.phrase = phrase;
    this.rarity = 2 * worth(units.filter(({ word }) => phrase.includes(word)));
  }

  /** Where it stands in a text. */
  hitsIn(text) {
    const found = [];
    const tokens = [...alike(text).matchAll(WORD)];
    for (let i = 0, last = this.phrase.length - 1; i + last < tokens.length; i++) {
      if (this.phrase.every((word, j) => tokens[i + j][1] === word)) {
        const [start, end] = [tokens[i].index, tokens[i + last].index + this.phrase[last].length];
        found.push({ start, end, unit: this, share: 1, said: this });
      }
    }
    return found;
  }
}

/* -- Reading the first hits ------------------------------------------------------------------------------------------ */

/** How many hits are read, how many further pieces of each, within how many characters words are near, what that is worth. */
const USUALLY = { read: 10, pieces: 0, near: 120, weight: 0.3 };
/** The halves of a compound are of use only next to each other (råd för samverkan), and many texts have both somewhere. */
const APART = { read: 30, pieces: 2, near: 30, weight: 3 };

/** Reads some texts, and gives what was read of each. Those gain whose title is what was asked for, and those where the
    words stand near each other. Most of their cards are to be shown anyway. */
async function readFirst(index, numbers, scores, units, reading) {
  const cards = await Promise.all(numbers.map((number) => index.text(number)));
  const all = worth(units);
  const pieces = await Promise.all(cards.map((card, i) => (
    reading.pieces ? likelyPieces(index, numbers[i], card, units, all, reading.pieces) : [])));
  return cards.map((card, i) => {
    const texts = [card.title, card.summary ?? "", card.text, ...pieces[i]];
    const near = nearness(texts, units, numbers[i], reading.near);
    scores.scale(numbers[i], 1 + reading.weight * near + WEIGHTS.title * likenessOfTitle(card.title, units, numbers[i], all));
    return texts;
  });
}

/** The share of the query that stands within so many characters, where most of it does. */
const nearness = (texts, units, number, length) => (
  Math.max(...texts.map((text) => densest(hitsIn(text, units, number), length).value)) / worth(units));

/** The texts with a compound, and of those that have only its halves the ones among the best that have them together; if
    that does not fill a page, also the best that have them apart. */
async function withHalves(index, numbers, best, scores, units) {
  const texts = await readFirst(index, best, scores, units, APART);
  const together = new Set(best.filter((number, i) => nearness(texts[i], units, number, PASSAGE) > 0.99));
  const [{ apart }] = units;
  const kept = numbers.filter((number) => !apart.has(number) || together.has(number));
  const scattered = best.filter((number) => apart.has(number) && !together.has(number));
  return [...kept, ...scattered.slice(0, Math.max(0, USUALLY.read - kept.length))];
}

/** The first further pieces of a text that may have all of the query, at most so many. */
function likelyPieces(index, number, card, units, all, most) {
  const likely = [...worthOfPieces(card, units).entries()].filter(([, worth]) => worth >= all).slice(0, most);
  return Promise.all(likely.map(([at]) => index.text(number, at + 1)));
}

/** How much of the query the title has, times how much of the title the query has: 1 if they are one. */
function likenessOfTitle(title, units, number, all) {
  const hits = hitsIn(title, units, number);
  const told = new Told();
  const asked = hits.reduce((sum, hit) => sum + told.gain(hit), 0) / all;
  const own = words(normal(title)).filter((word) => !STOP_WORDS.has(word)).length;
  return asked * Math.min(1, hits.length / Math.max(own, 1));
}

/** What a stretch of text has told of the query so far. */
class Told {
  said = new Set();
  shares = new Map();

  /** What one more hit is worth: nothing where the same has been said, or the whole word. */
  gain({ unit, share, said }) {
    const before = this.shares.get(unit) ?? 0;
    if (this.said.has(said) || before === 1) return 0;
    const after = Math.min(1, before + share);
    this.said.add(said);
    this.shares.set(unit, after);
    return (after - before) * unit.rarity;
  }
}

/** The stretch of at most `length` characters whose words are worth most: {value, start}. */
function densest(hits, length) {
  let value = 0;
  let start = 0;
  for (let i = 0; i < hits.length; i++) {
    const told = new Told();
    let own = 0;
    for (let j = i; j < hits.length && hits[j].end - hits[i].start < length; j++) own += told.gain(hits[j]) || 0.01;
    if (own > value) [value, start] = [own, hits[i].start];
  }
  return { value, start };
}

/* -- Cards ----------------------------------------------------------------------------------------------------------- */

const PRIME = 1151;
const SIXBIT = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const mayHaveAll = (bits, phrase) => phrase.every((word) => mayHaveKey(bits, key(word)));

export function mayHaveKey(bits, at) {
  let value = 0;
  for (let i = 0; i < at.length; i++) value = (value * 0x10000 + at.charCodeAt(i)) % PRIME;
  return (SIXBIT.indexOf(bits[Math.floor(value / 6)]) >> (5 - value % 6) & 1) === 1;
}

async function makeCard(index, number, score, units, path) {
  const card = await index.text(number);
  const { passage, told } = await passageOf(index, number, card, units);
  const hits = (text) => hitsIn(text, units, number);
  for (const { unit } of hits(card.title)) told.add(unit);
  return {
    url: path + card.url,
    title: card.title,
    score,
    category: card.category ?? "",
    issue: card.issue ?? "",
    date: card.date ?? "",
    kind: card.kind ?? "",
    places: card.places ?? [],
    lang: card.lang ?? "",
    page: !card.issue,
    editorial: card.url === `/${card.issue}/`,
    summary: card.summary ?? "",
    titleParts: marked(card.title, hits(card.title)),
    placeParts: (card.places ?? []).map((place) => marked(place, hits(place))),
    // Tags are shown where they alone tell why this is a hit.
    tagParts: (card.tags ?? []).filter((tag) => hits(tag).some(({ unit }) => !told.has(unit))).map((tag) => marked(tag, hits(tag))),
    passage,
  };
}

const PASSAGE = 260;
const WORTH_FETCHING = 0.4;

/** The stretch of the text that has the most of the query, words marked, and what of the query it tells; the ingress if no
    word stands in the text. A further piece is fetched if it may tell so much more of the query. */
async function passageOf(index, number, card, units) {
  const candidates = [best(card.summary ?? "", units, number), best(card.text, units, number)];
  let [chosen] = candidates.sort((a, b) => b.value - a.value);
  let from = "";
  let address = "";
  const possible = worth(units) + worth(units.rows);
  const enough = chosen.value + WORTH_FETCHING * possible;
  if (card.more && enough < possible) {
    const values = worthOfPieces(card, units);
    const most = Math.max(...values);
    if (most > enough) {
      const at = values.indexOf(most);
      const other = best(await index.text(number, at + 1), units, number);
      if (other.value > chosen.value) {
        chosen = other;
        [from, address] = card.files?.[card.more[at][0]] ?? ["", ""];
      }
    }
  }
  if (!chosen.value) chosen = best(card.summary || card.text, units, number);
  const { pieces, told } = chosen.excerpt();
  return { passage: Object.assign(pieces, { from, url: address }), told };
}

/** What each further piece of a text may tell of the query, by the words that it may have. */
function worthOfPieces(card, units) {
  return (card.more ?? []).map(([, bits]) => {
    const ofUnit = ({ keys, some }) => {
      const may = (at) => mayHaveKey(bits, fold(at));
      return [...keys].some(may) ? 1 : some ? [...some].filter(may).length / some.size : 0;
    };
    const ofRow = ({ phrase }) => (mayHaveAll(bits, phrase) ? 1 : 0);
    return worth(units, ofUnit) + worth(units.rows, ofRow);
  });
}

/** What some of the query is worth, given a share from 0 to 1 of each. */
const worth = (units, shareOf = () => 1) => units.reduce((sum, unit) => sum + shareOf(unit) * unit.rarity, 0);

/** The places of the words in a text that the query means: [{start, end, unit, share}], none in another. Remembered: hits
    are read, then shown. */
function hitsIn(text, units, number) {
  units.read ??= { texts: new Map(), words: new Map() };
  const { texts, words: meanings } = units.read;
  if (!texts.has(number)) texts.set(number, new Map());
  if (texts.get(number).has(text)) return texts.get(number).get(text);
  const found = [];
  for (const { 1: word, index: start } of alike(text).matchAll(WORD)) {
    if (!meanings.has(word)) meanings.set(word, meaning(units, word));
    const meant = meanings.get(word);
    if (meant && (!meant.within || meant.unit.related.some((fit) => fit.at(number)))) {
      found.push({ ...meant, start, end: start + word.length });
    }
  }
  const hits = found.filter((hit, i) => tells(hit) || together(hit, found[i - 1]) || together(hit, found[i + 1]));
  const all = units.rows.length ? withoutOverlaps([...units.rows.flatMap((row) => row.hitsIn(text)), ...hits]) : hits;
  texts.get(number).set(text, all);
  return all;
}

/** A text in lower case, if every letter then stands where it stood. */
function alike(text) {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** Hits in order, the longest of those that begin in the same place, without those that begin within another. */
function withoutOverlaps(hits) {
  const kept = [];
  for (const hit of hits.sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (hit.start >= (kept.at(-1)?.end ?? 0)) kept.push(hit);
  }
  return kept;
}

/** Whether a hit tells something by itself: all but the short halves of compounds (råd) do. */
const tells = ({ share, said }) => share === 1 || said.length > 3;

/** Whether two hits are halves of one compound, near each other. */
const together = (hit, other) => other?.unit === hit.unit && other.share < 1 && other.said !== hit.said
  && Math.abs(other.start - hit.start) < APART.near;

/** What a word of a text means of the query: {unit, share, said, within}. */
function meaning(units, word) {
  for (const unit of units) {
    const share = shareOf(unit, word);
    if (share) return { unit, share, said: share < 1 ? unit.as(word) : unit, within: false };
  }
  const unit = units.find((one) => mayBeWithin(one, word));
  return unit && { unit, share: 1, said: unit, within: true };
}

/** How much of what a word of the query means this word of a text says, from 0 to 1. It says all if it is one of its forms
    or a correction; a part if it is one of several that an abbreviation stands for, or a compound's half. */
function shareOf(unit, word) {
  if (word === unit.word) return 1;
  if (unit.exact || STOP_WORDS.has(word)) return 0;
  const at = unit.as(word);
  if (unit.keys.has(at)) return 1;
  if (unit.some?.has(at)) return 1 / unit.some.size;
  return unit.beginnings.some((start) => fold(word).startsWith(start)) ? 1 : 0;
}

/** Whether a word looks like a compound with one of the query, or like one made from it: so many do by chance that it counts
    only where the index has such a word in the text. */
function mayBeWithin(unit, word) {
  if (unit.exact || STOP_WORDS.has(word)) return false;
  const at = unit.as(word);
  return [...unit.keys].some((own) => own.length > 2 && at.length >= own.length + 3 && (at.startsWith(own) || at.endsWith(own)));
}

function best(text, units, number) {
  const hits = hitsIn(text, units, number);
  const { value, start } = densest(hits, PASSAGE);
  return { value, excerpt: () => excerpt(text, hits, start) };
}

/** About `PASSAGE` characters around a place, from the beginning of its sentence if that is near. */
function excerpt(text, hits, place) {
  const from = Math.max(0, place - 100);
  const before = text.slice(from, place);
  const sentence = Math.max(before.lastIndexOf("\n"), before.search(/[.!?][”")]? (?!.*[.!?][”")]? )/) + (/[.!?][”")]? /.test(before) ? 1 : 0));
  let start = sentence > 0 || from === 0 ? from + Math.max(sentence, 0) : from + before.indexOf(" ") + 1;
  while (/[\s.!?”")]/.test(text[start] ?? "") && start < place) start++;
  let end = Math.min(text.length, start + PASSAGE);
  if (end < text.length) end = Math.max(text.lastIndexOf(" ", end), place + 1);
  const inside = hits.filter((hit) => hit.start >= start && hit.end <= end)
    .map((hit) => ({ start: hit.start - start, end: hit.end - start, unit: hit.unit }));
  const pieces = marked(text.slice(start, end).replaceAll("\n", " "), inside);
  if (start > 0 && from > 0 && sentence <= 0) pieces.unshift({ text: "… ", hit: false });
  if (end < text.length) pieces.push({ text: " …", hit: false });
  return { pieces, told: new Set(inside.map(({ unit }) => unit)) };
}

function marked(text, hits) {
  const pieces = [];
  let at = 0;
  for (const { start, end } of hits) {
    if (start > at) pieces.push({ text: text.slice(at, start), hit: false });
    pieces.push({ text: text.slice(start, end), hit: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}
