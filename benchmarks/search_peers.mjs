/* Makes other engines' indexes of the same texts: node search_peers.mjs PACKAGES DOCS FOLDER → FOLDER/pagefind, /minisearch

   PACKAGES is the folder with node_modules; an engine that is not there is left out. DOCS has a text a line, as JSON.
   Prints a line of JSON: {name: {version, seconds}}. */

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, docsFile, folder] = process.argv.slice(2);
const docs = (await readFile(docsFile, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
const bodyOf = ({ summary, tags, places, text }) => [summary, tags.join(", "), places.join(", "), text].filter(Boolean);
const own = createRequire(join(packages, "package.json"));
const versionOf = async (name) =>
  JSON.parse(await readFile(join(packages, "node_modules", name, "package.json"), "utf8")).version;

const MAKERS = {
  /** As a page of HTML, which is what it weighs titles by. */
  async pagefind() {
    const escaped = (text) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
    const pagefind = await import(join(packages, "node_modules/pagefind/lib/index.js"));
    const { index } = await pagefind.createIndex({ forceLanguage: "sv" });
    for (const doc of docs) {
      const paragraphs = bodyOf(doc).join("\n").split("\n").map((line) => `<p>${escaped(line)}</p>`).join("");
      const content = `<html lang="sv"><body><main><h1>${escaped(doc.title)}</h1>${paragraphs}</main></body></html>`;
      await index.addHTMLFile({ url: doc.url, content });
    }
    await index.writeFiles({ outputPath: join(folder, "pagefind") });
    await pagefind.close();
  },

  /** With what its manual proposes: the title worth more, beginnings of words, mistakes by length. */
  async minisearch() {
    const MiniSearch = own("minisearch");
    const options = { idField: "url", fields: ["title", "body"] };
    const index = new MiniSearch(options);
    index.addAll(docs.map((doc) => ({ url: doc.url, title: doc.title, body: bodyOf(doc).join("\n") })));
    await mkdir(join(folder, "minisearch"), { recursive: true });
    await writeFile(join(folder, "minisearch/index.json"), JSON.stringify(index));
    const found = { prefix: true, fuzzy: 0.2, boost: { title: 2 } };
    const text = `export const options = ${JSON.stringify(options)};\nexport const found = ${JSON.stringify(found)};\n`;
    await writeFile(join(folder, "minisearch/options.mjs"), text);
    await copyFile(join(packages, "node_modules/minisearch/dist/es/index.js"), join(folder, "minisearch/index.js"));
  },
};

const made = {};
for (const [name, make] of Object.entries(MAKERS)) {
  const version = await versionOf(name).catch(() => "");
  if (!version) continue;
  const started = performance.now();
  await make();
  made[name] = { version, seconds: (performance.now() - started) / 1000 };
}
console.log(JSON.stringify(made));
