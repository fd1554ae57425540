/* On every page: fetches what the search page will need as soon as a reader goes to the search field. */

const form = document.querySelector("form.seek");

form?.addEventListener("focusin", async () => {
  try {
    const { open } = await import(form.dataset.engine);
    await open(form.dataset.base);
  } catch {
    // The search page will say what is wrong, if it still is.
  }
}, { once: true });
