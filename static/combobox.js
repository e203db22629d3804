// The search box as a combobox that shows the server's suggestions for the letters typed so far, after the pattern of
// the ARIA Authoring Practices. Without this script, or without an answer, it stays a plain search box.

{
  const WAIT = 120;
  const FEWEST_LETTERS = 2;
  const HEADERS = { "HX-Request": "true", "HX-Request-Type": "partial", Accept: "text/html" };

  let waiting;
  let asking;
  let active = -1;

  // Looked up each time, because a swap of the page may replace them by elements without the attributes set here.
  const box = () => document.getElementById("q");
  const list = () => document.getElementById("suggestions");
  const options = () => [...list().children];
  const isOpen = () => !list().hidden;

  const dress = () => {
    list().role = "listbox";
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-expanded": String(isOpen()) };
    for (const [name, value] of Object.entries(attributes)) box().setAttribute(name, value);
  };

  const say = (text) => {
    document.getElementById("announcement").textContent = text;
  };

  const activate = (place) => {
    active = place;
    for (const [each, option] of options().entries()) option.setAttribute("aria-selected", String(each === place));
    const option = options()[place];
    if (option) {
      box().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      box().removeAttribute("aria-activedescendant");
    }
  };

  // A pending answer may still arrive, but it is ignored.
  const close = () => {
    clearTimeout(waiting);
    asking = undefined;
    if (!box()) return;
    if (isOpen()) say("");
    activate(-1);
    list().hidden = true;
    list().replaceChildren();
    dress();
  };

  const optionOf = (link, place) => {
    const option = document.createElement("li");
    option.id = `suggestion-${place}`;
    option.role = "option";
    option.dataset.url = link.getAttribute("href");
    option.append(...link.childNodes);
    return option;
  };

  const show = (links) => {
    if (!links.length) {
      close();
      say("No suggestions");
      return;
    }
    list().replaceChildren(...links.map(optionOf));
    list().hidden = false;
    activate(-1);
    dress();
    say(links.length === 1 ? "1 suggestion" : `${links.length} suggestions`);
  };

  const ask = async () => {
    const words = box().value.trim();
    if (words.length < FEWEST_LETTERS) return close();
    clearTimeout(waiting);
    asking?.abort();
    const mine = asking = new AbortController();
    try {
      const answer = await fetch(`${box().dataset.suggestions}?${new URLSearchParams({ q: words })}`, { headers: HEADERS, signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const links = answer.ok ? [...page.querySelectorAll("#suggested a")] : [];
      if (mine === asking && document.activeElement === box()) show(links);
    } catch {
      // Aborted, or no network: continue without suggestions.
      if (mine === asking) close();
    }
  };

  // On the list, a suggestion replaces the words and is added to the chosen filters; elsewhere it is a link.
  const choose = (option) => {
    const url = new URL(option.dataset.url, location.href);
    const form = box().form;
    close();
    if (form?.id !== "filters" || url.pathname !== new URL(form.action).pathname) {
      location.assign(url);
      return;
    }
    box().value = url.searchParams.get("q") ?? "";
    url.searchParams.delete("q");
    const added = [...url.searchParams].map(([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    form.append(...added);
    form.requestSubmit();
    for (const input of added) input.remove();
  };

  const move = (step) => {
    const many = options().length;
    activate(active < 0 ? (step > 0 ? 0 : many - 1) : (active + step + many) % many);
  };

  const onKey = (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen() && !event.altKey) move(event.key === "ArrowDown" ? 1 : -1);
      else if (isOpen() && event.key === "ArrowUp") close();
      else ask();
    } else if (event.key === "Enter") {
      if (active >= 0) {
        event.preventDefault();
        choose(options()[active]);
      } else {
        close();
      }
    } else if (event.key === "Escape" && isOpen()) {
      event.preventDefault();
      close();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      activate(-1);
    }
  };

  const askSoon = (event) => {
    if (event.target !== box() || event.isComposing) return;
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
  };

  document.addEventListener("input", askSoon);
  document.addEventListener("compositionend", askSoon);
  document.addEventListener("keydown", (event) => {
    if (event.target === box()) onKey(event);
  });
  document.addEventListener("focusout", (event) => {
    if (event.target === box()) close();
  });
  // Keep the focus in the box while the pointer chooses.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("#suggestions")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const option = event.target.closest("#suggestions [role=option]");
    if (option) choose(option);
  });
  document.addEventListener("submit", close);
  document.addEventListener("htmx:after:swap", close);
  addEventListener("pageshow", close);
  close();
}
