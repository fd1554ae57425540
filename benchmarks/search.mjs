/* In a browser: asks an engine, and notes what it fetched and how long it computed. benchmarks/search_ask.py drives it. */

const LIMIT = 10;

/** How each engine is opened with a given fetch, and asked for the addresses of its best ten. */
const ENGINES = {
  async ours(base, fetch) {
    const { open } = await import(`${base}/engine.js`);
    const engine = await open(base, { fetch });
    return async (query) => (await engine.explore(query, { limit: LIMIT, counts: false })).results.map(({ url }) => url);
  },

  async pagefind(base, fetch) {
    globalThis.fetch = fetch; // it takes the page's own
    const pagefind = await import(`${base}/pagefind/pagefind.js?${Math.random()}`);
    await pagefind.options({ noWorker: true, basePath: `${base}/pagefind/` });
    await pagefind.init();
    return async (query) => {
      const { results } = await pagefind.search(query);
      const hits = await Promise.all(results.slice(0, LIMIT).map((result) => result.data()));
      return hits.map(({ url }) => url.slice(base.length));
    };
  },

  async minisearch(base, fetch) {
    const { default: MiniSearch } = await import(`${base}/minisearch/index.js`);
    const { options, found } = await import(`${base}/minisearch/options.mjs`);
    const index = MiniSearch.loadJSON(await (await fetch(`${base}/minisearch/index.json`)).text(), options);
    return async (query) => index.search(query, found).slice(0, LIMIT).map(({ id }) => id);
  },
};

const network = globalThis.fetch.bind(globalThis);

/** Fetches each address once, and then gives it from memory; `fetched` is what has been asked for. */
function remembering(memory) {
  const fetched = new Set();
  const fetch = async (address, options) => {
    const path = new URL(address, location.href).pathname;
    fetched.add(path);
    if (!memory.has(path)) memory.set(path, await network(path, options).then(async (got) => [await got.arrayBuffer(), got]));
    const [body, { status, headers }] = await memory.get(path);
    return new Response(body, { status, headers });
  };
  return { fetch, fetched };
}

/** Answers all queries: [{urls, milliseconds}]. The time is that of asking again, when nothing is to be fetched. */
export async function answers(engine, base, queries) {
  const ask = await ENGINES[engine](base, remembering(new Map()).fetch);
  const answered = [];
  for (const query of queries) {
    const urls = await ask(query);
    const started = performance.now();
    await ask(query);
    answered.push({ urls, milliseconds: performance.now() - started });
  }
  return answered;
}

/** What readers fetch and wait for who ask one query after another, each beginning with nothing:
    [{first: [path], further: [path], milliseconds}], the time being that of the first answer without the network. */
export async function readers(engine, base, queries) {
  const memory = new Map();
  const measured = [];
  for (let i = 0; i + 1 < queries.length; i++) {
    const { fetch, fetched } = remembering(memory);
    const ask = await ENGINES[engine](base, fetch);
    await ask(queries[i]);
    const first = [...fetched];
    await ask(queries[i + 1]);
    const further = [...fetched].slice(first.length);
    const again = await ENGINES[engine](base, fetch);
    const started = performance.now();
    await again(queries[i]);
    measured.push({ first, further, milliseconds: performance.now() - started });
  }
  return measured;
}
