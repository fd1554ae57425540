/* Answers queries from an index on disk: node search.mjs ENGINE FOLDER QUERIES → a line of JSON for each query.

   Each query begins with nothing fetched but the entry; `files` are those it fetched, `milliseconds` its computing
   the second time, when nothing is to be fetched. */

import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [engineFile, folder, queriesFile] = process.argv.slice(2);
const { open } = await import(pathToFileURL(engineFile));
const kept = new Map();
let fetched = [];

async function fetch(address) {
  if (!kept.has(address)) kept.set(address, await readFile(folder + address, "utf8").catch(() => null));
  fetched.push(address);
  const text = kept.get(address);
  return { ok: text !== null, status: text === null ? 404 : 200, json: async () => JSON.parse(text) };
}

for (const { id, query, options } of JSON.parse(await readFile(queriesFile, "utf8"))) {
  fetched = [];
  const engine = await open("", { fetch });
  const results = await engine.search(query, { limit: 10, ...options });
  const files = fetched;
  const started = performance.now();
  await engine.search(query, { limit: 10, ...options });
  const milliseconds = performance.now() - started;
  console.log(JSON.stringify({ id, urls: results.map(({ url }) => url), files, milliseconds, top: results[0] }));
}
