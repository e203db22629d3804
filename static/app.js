// Conveniences beyond htmx: copying, printing, focus after paging, notices of network failures.
// All pages also work without this script.

const announce = (text) => {
  document.getElementById("announcement").textContent = text;
};

const problem = document.getElementById("problem");

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("button.copy");
  if (copy) {
    // A link may be only a path, which is completed from the current address.
    const text = copy.dataset.copy ?? new URL(copy.dataset.link, location.href).href;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // No clipboard over plain http, or not allowed: the reader copies by hand.
      prompt("Copy this:", text);
      return;
    }
    copy.dataset.label ??= copy.textContent;
    copy.textContent = "Copied";
    announce(copy.dataset.copied ?? "Link copied");
    clearTimeout(copy.timer);
    copy.timer = setTimeout(() => { copy.textContent = copy.dataset.label; }, 2000);
  }
  if (event.target.closest("button.print")) window.print();
});

const tell = (text) => {
  problem.textContent = text;
  problem.hidden = false;
};

// A morph changes attributes, but what the reader ticked or chose is a property, so it is set to match.
const followTheAnswer = () => {
  for (const box of document.querySelectorAll("#filters input[type=checkbox]")) {
    box.checked = box.hasAttribute("checked");
  }
  for (const option of document.querySelectorAll("#filters option")) {
    option.selected = option.hasAttribute("selected");
  }
  const words = document.getElementById("q");
  if (words && document.activeElement !== words) words.value = words.getAttribute("value");
};

// Paging starts a new list, so the focus moves to its heading. A filter keeps the focus where it is.
let isPaging = false;

document.addEventListener("htmx:before:swap", (event) => {
  isPaging = Boolean(event.detail.ctx.sourceElement?.closest?.(".pager"));
});

document.addEventListener("htmx:after:settle", () => {
  problem.hidden = true;
  followTheAnswer();
  if (!isPaging) return;
  isPaging = false;
  const heading = document.getElementById("results");
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView();
});

document.addEventListener("htmx:error", () => {
  tell("The list could not be loaded: no answer from the server. What you chose is still here; try again.");
});

// Show a notice instead of a gateway's own error page.
document.addEventListener("htmx:before:response", (event) => {
  if (event.detail.ctx.response.status > 500) {
    event.preventDefault();
    tell("The server does not answer at the moment. What you chose is still here; try again.");
  }
});

// Mark the section being read in the trial page's navigation.
const links = new Map([...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
if (links.size) {
  const seen = new Set();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) seen.add(target.id);
      else seen.delete(target.id);
    }
    const current = [...links.keys()].find((id) => seen.has(id));
    if (!current) return;
    for (const [id, link] of links) {
      if (id === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }, { rootMargin: "0px 0px -60% 0px" });
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section) observer.observe(section);
  }
}

// Unfold everything for printing.
const folded = new Set();
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("article.trial details:not([open])")) {
    folded.add(details);
    details.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
  folded.clear();
});
