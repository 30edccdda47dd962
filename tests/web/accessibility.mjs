// What keeps a page from being used by keyboard, by ear or with weak eyes: a list of sentences, empty if nothing does.
// Contrast is as WCAG 2 computes it: 4.5 for text, 3 for large text; controls that are disabled are exempt.
export const obstacles = (page) => page.evaluate(() => {
  const found = [];
  const seen = (element) => element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true}) && element.getClientRects().length > 0 && !element.closest(".visually-hidden, .skip");
  const what = (element) => `${element.tagName.toLowerCase()}${element.id ? "#" + element.id : ""}${typeof element.className === "string" && element.className ? "." + element.className.split(" ").join(".") : ""} "${(element.textContent ?? "").trim().slice(0, 30)}"`;

  const named = (element) => element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.textContent.trim() || element.title || element.placeholder || element.labels?.[0]?.textContent.trim();
  for (const element of document.querySelectorAll("button, a[href], input, select, textarea, [role=img], [role=region], [role=application], [role=log]"))
    if (seen(element) && !named(element)) found.push(`${what(element)} has no name`);
  for (const image of document.querySelectorAll("img")) if (!image.alt) found.push(`${what(image)} has no alternative text`);

  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((each, i) => ids.indexOf(each) !== i))) found.push(`the id ${id} is there twice`);
  for (const element of document.querySelectorAll("[aria-labelledby]"))
    for (const id of element.getAttribute("aria-labelledby").split(" ")) if (!document.getElementById(id)) found.push(`${what(element)} is named by ${id}, which is not there`);
  const titles = [...document.querySelectorAll("h1")].filter(seen).length;
  if (titles !== 1) found.push(`${titles} main titles`);
  // What scrolls by itself must be reached by keyboard.
  for (const element of document.querySelectorAll("main *"))
    if (seen(element) && /auto|scroll/.test(getComputedStyle(element).overflowX + getComputedStyle(element).overflowY) && element.scrollWidth > element.clientWidth + 1 && element.tabIndex < 0 && !element.querySelector("button, a, input"))
      found.push(`${what(element)} scrolls and cannot be reached`);

  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const parse = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = ([r, g, b, a], below) => [r, g, b].map((each, i) => each * a + below[i] * (1 - a));
  const backgroundOf = (element) => {
    if (!element) return [255, 255, 255];
    const own = parse(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own.slice(0, 3) : over(own, backgroundOf(element.parentElement));
  };
  const light = (rgb) => rgb.map((each) => { const c = each / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; }).reduce((sum, each, i) => sum + each * [0.2126, 0.7152, 0.0722][i], 0);
  const poor = new Set();
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    if (element.closest("svg, noscript, script, style, :disabled, option") || !seen(element)) continue;
    const style = getComputedStyle(element);
    const background = backgroundOf(element);
    const [a, b] = [light(over(parse(style.color), background)), light(background)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    let faint = 1;
    for (let up = element; up; up = up.parentElement) faint *= Number(getComputedStyle(up).opacity);
    if (ratio < needed && faint === 1) poor.add(`${style.color} on ${background.map(Math.round)} has a contrast of ${ratio.toFixed(2)}: ${what(element)}`);
  }
  return [...found, ...[...poor].slice(0, 8)];
});
