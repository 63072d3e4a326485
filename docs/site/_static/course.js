// What scrolls sideways must be reached by the keyboard: code, outputs and tables that are wider than the page.
function letScrollByKeyboard() {
  for (const box of document.querySelectorAll("article pre, article .table-wrapper, article .output.text_html")) {
    const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}
// The theme has two landmarks of one kind and gives them no names.
function nameLandmarks() {
  for (const [part, name] of [[".sidebar-drawer", "The site"], [".toc-drawer", "On this page"]]) {
    document.querySelector(part)?.setAttribute("aria-label", name);
  }
}
// The theme's page of search results begins with a heading of the second rank.
function giveHeading() {
  const article = document.querySelector("article");
  if (!article || document.querySelector("h1")) return;
  const heading = document.createElement("h1");
  heading.textContent = "Search";
  article.prepend(heading);
}
window.addEventListener("DOMContentLoaded", nameLandmarks);
window.addEventListener("DOMContentLoaded", giveHeading);
window.addEventListener("load", letScrollByKeyboard);
window.addEventListener("resize", letScrollByKeyboard);
document.addEventListener("toggle", letScrollByKeyboard, true);
