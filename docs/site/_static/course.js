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
window.addEventListener("DOMContentLoaded", nameLandmarks);
window.addEventListener("load", letScrollByKeyboard);
window.addEventListener("resize", letScrollByKeyboard);
document.addEventListener("toggle", letScrollByKeyboard, true);
