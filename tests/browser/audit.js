// What is wrong with the page for who sees badly, or has no mouse: a list of sentences.
() => {
  const problems = [];
  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getClientRects().length > 0;
  const isClipped = (element) => element.closest(".visually-hidden, .skip-to-content-link");

  // --- Contrast -------------------------------------------------------------

  const parse = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const backgroundOf = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const colour = parse(getComputedStyle(each).backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    const isDark = getComputedStyle(document.documentElement).colorScheme === "dark";
    const canvas = isDark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    return layers.reverse().reduce((below, top) => over(top, below), canvas);
  };
  const opacityOf = (element) => {
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) {
      opacity *= Number(getComputedStyle(each).opacity);
    }
    return opacity;
  };
  const isLarge = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  };
  const judge = (element, colour, words, style) => {
    const background = backgroundOf(element);
    const text = parse(colour);
    const ratio = contrast(over({ ...text, a: text.a * opacityOf(element) }, background), background);
    const needed = isLarge(style) ? 3 : 4.5;
    if (ratio < needed) {
      const where = `${element.tagName.toLowerCase()}.${element.getAttribute("class") || ""}`;
      problems.push(`contrast ${ratio.toFixed(2)} of “${words.trim().slice(0, 30)}” in ${where}`);
    }
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const words = texts.currentNode.textContent;
    const isOff = element.closest("[disabled], script, style, noscript, title, desc, option");
    if (!words.trim() || isOff || isClipped(element) || !isShown(element)) continue;
    const style = getComputedStyle(element);
    judge(element, element.closest("svg") ? style.fill : style.color, words, style);
  }
  const controls = [
    ...document.querySelectorAll("input:not([type=hidden]), select, textarea, button, summary, a[href]"),
  ].filter((element) => isShown(element) && !isClipped(element));
  for (const element of controls) {
    if (element.disabled || !element.matches("input, select, textarea")) continue;
    if (["checkbox", "radio", "file"].includes(element.type)) continue;
    const style = getComputedStyle(element);
    judge(element, style.color, element.value || element.name, style);
    if (element.placeholder) {
      judge(element, getComputedStyle(element, "::placeholder").color, element.placeholder, style);
    }
  }

  // --- Names ----------------------------------------------------------------

  const textOf = (id) => document.getElementById(id)?.textContent ?? "";
  const nameOf = (element) =>
    [
      element.getAttribute("aria-label"),
      (element.getAttribute("aria-labelledby") || "").split(" ").map(textOf).join(" "),
      [...(element.labels || [])].map((label) => label.textContent + [...label.querySelectorAll("img")].map((each) => each.alt).join("")).join(" "),
      element.matches("button, a, summary") ? element.textContent : "",
      [...element.querySelectorAll("img")].map((image) => image.alt).join(" "),
      [...element.querySelectorAll("[title]")].map((each) => each.title).join(" "),
      ["submit", "button", "reset"].includes(element.type) ? element.value : "",
      element.getAttribute("title"),
    ]
      .filter(Boolean)
      .join(" ")
      .trim();
  for (const element of controls) {
    if (!nameOf(element)) problems.push(`no name: ${element.outerHTML.slice(0, 120)}`);
  }
  for (const image of document.querySelectorAll("img:not([alt])")) {
    problems.push(`no alt: ${image.outerHTML.slice(0, 120)}`);
  }
  for (const drawing of document.querySelectorAll("svg[role=img]")) {
    if (!nameOf(drawing)) problems.push(`no name: ${drawing.outerHTML.slice(0, 80)}`);
  }
  for (const table of document.querySelectorAll("table.desk")) {
    if (table.querySelector("th:not([scope])")) problems.push("a heading without scope");
  }

  // --- The page -------------------------------------------------------------

  const headings = [...document.querySelectorAll("h1")].filter(isShown);
  if (headings.length !== 1) problems.push(`${headings.length} first headings`);
  if (!document.title.trim()) problems.push("no title");
  if (!document.documentElement.lang) problems.push("no language");
  if (!document.querySelector("main")) problems.push("no main part");
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  const twice = ids.filter((id, at) => ids.indexOf(id) !== at);
  if (twice.length) problems.push(`ids used twice: ${[...new Set(twice)].join(", ")}`);
  const tooWide = document.documentElement.scrollWidth - window.innerWidth;
  if (tooWide > 0) problems.push(`${tooWide} pixels too wide`);
  return problems;
}
