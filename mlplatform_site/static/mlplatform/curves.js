// Lets people zoom into a chart and read it: puts a uPlot canvas where the picture is (docs/pages.md).
// It draws the very points that the picture has, which lie beside it as JSON; without this script the picture stays.

const DASHES = [[], [7, 4], [2, 4], [9, 4, 2, 4], [4, 3], [12, 5], [2, 3, 7, 3], [1, 3]];
const FAINT = 0.3;
const DIM = 0.12;
const AREA = 0.16;
const HIGHEST = 400;
const LEAST = 180;
const NEAR = 24;
const DENSE = 200;
const EDGE = 12;
const SPANS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const dark = matchMedia("(prefers-color-scheme: dark)");
const shown = new Map(); // figure → its chart
const colours = new Map();
let lit = "";

// numbers, as the server writes them ────────────────────────────────────
function number(value, digits = 4) {
  const size = Math.abs(value);
  if (size && (size < 1e-4 || size >= 1e9)) return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("-", "−");
  const places = Math.max(0, digits - 1 - Math.floor(Math.log10(size || 1)));
  return value.toLocaleString("en", { maximumFractionDigits: Math.min(places, 12) }).replace("-", "−");
}

function tickNumber(value) {
  const size = Math.abs(value);
  const [by, unit] = size >= 1e6 ? [1e6, "M"] : [1e3, "k"];
  return size >= 1e4 && size < 1e9 ? `${number(value / by)}${unit}` : number(value, 6);
}

// The digits with which a value and another so far apart from it read differently.
function digitsTelling(value, apart, least) {
  if (!value || !(apart > 0)) return least;
  return Math.min(15, Math.max(least, Math.floor(Math.log10(Math.abs(value))) - Math.floor(Math.log10(apart)) + 1));
}

function tickNumbers(splits) {
  const short = splits.map(tickNumber);
  if (new Set(short).size === short.length) return short;
  return splits.map((each) => number(each, digitsTelling(each, splits[1] - splits[0], 4)));
}

function duration(seconds) {
  const whole = Math.round(seconds);
  if (seconds < 59.5) return seconds >= 1 || !seconds ? `${number(seconds, 3)} s` : `${number(seconds * 1e3, 3)} ms`;
  const [unit, name, below, belowName] =
    whole >= 86400 ? [86400, "d", 3600, "h"] : whole >= 3600 ? [3600, "h", 60, "min"] : [60, "min", 1, "s"];
  const rest = Math.floor((whole % unit) / below);
  return `${Math.floor(whole / unit)} ${name}${rest ? ` ${rest} ${belowName}` : ""}`;
}

const two = (value) => String(value).padStart(2, "0");

function clock(seconds, apart = 0) {
  const at = new Date(seconds * 1e3);
  const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  if (!apart) return `${at.toISOString().slice(0, 10)} ${time}:${two(at.getUTCSeconds())}`;
  if (apart >= 7.9e6) return `${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  if (apart >= 86400 || (apart >= 60 && seconds % 86400 === 0)) return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]}`;
  return apart >= 60 || seconds % 60 === 0 ? time : `${time}:${two(at.getUTCSeconds())}`;
}

function place(kind, value) {
  if (kind === "step") return number(Math.round(value), 12);
  return kind === "time" ? duration(value) : clock(value);
}

// ticks ─────────────────────────────────────────────────────────────────
function linearTicks(low, high, target, spans = []) {
  const wanted = (high - low) / target;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = (wanted >= 1 && spans.find((each) => each >= wanted)) || [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted * 0.999);
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  const ticks = [];
  for (let n = Math.ceil(low / step); n * step <= high && ticks.length < 50; n++) ticks.push(Number((n * step).toFixed(Math.min(digits, 100))));
  return ticks;
}

function logTicks(low, high) {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const stride = Math.max(1, Math.ceil((last - first) / 7));
  const mantissas = last - first <= 3 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = first; power <= last; power += stride) {
    for (const each of mantissas) ticks.push(Number(`${each}e${power}`));
  }
  const inside = ticks.filter((each) => low <= each && each <= high);
  return inside.length > 1 ? inside : linearTicks(low, high, 5);
}

function padded(low, high, isLog) {
  if (isLog) {
    const [first, last] = [Math.log10(low), Math.log10(high)];
    const air = last > first ? (last - first) * 0.05 : 0.2;
    return [10 ** (first - air), 10 ** (last + air)];
  }
  const air = high > low ? (high - low) * 0.05 : Math.abs(low) * 0.05 || 0.5;
  return [low - air, high + air];
}

// data ──────────────────────────────────────────────────────────────────
// Points of one line at one place would be one for uPlot: the later ones are moved by less than one sees.
function across(distances, parts, span) {
  let sum = 0;
  let before = -Infinity;
  return distances.map((each) => {
    sum += each;
    const x = sum / parts;
    before = x > before ? x : before + span * 1e-7;
    return before;
  });
}

function aligned(data) {
  const span = data.x.range[1] - data.x.range[0] || 1;
  const tables = [
    ...data.areas.map((each) => [across(each.x, data.x.parts, span), each.high, each.low]),
    ...data.lines.map((each) => [across(each.x, data.x.parts, span), each.y]),
  ];
  // A gap reaches to the line's own next point, whatever points the other lines have in it.
  return uPlot.join(tables, tables.map((each) => each.map(() => 2)));
}

// looks ─────────────────────────────────────────────────────────────────
function colour(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return colours.get(name);
}

function soft(name, share) {
  return `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`;
}

function seriesOf(data) {
  const series = [{}];
  const lines = [null];
  for (const each of data.areas) {
    const edge = { stroke: "transparent", width: 0, points: { show: false } };
    series.push({ ...edge }, { ...edge });
    lines.push(null, null);
  }
  for (const each of data.lines) {
    series.push({
      stroke: () => colour(`--s${each.look}`),
      width: each.faint ? 1 : each.x.length > DENSE ? 1.25 : 1.75,
      alpha: each.faint ? FAINT : 1,
      dash: each.faint ? [] : DASHES[each.look],
      points: { show: each.y.filter((y) => y !== null).length === 1 },
    });
    lines.push(each);
  }
  return { series, lines };
}

function axes(data) {
  const font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
  const look = { font, labelFont: font, stroke: () => colour("--muted"), ticks: { show: false } };
  const kind = data.x.kind;
  return [
    {
      ...look,
      size: 24,
      gap: 4,
      label: data.x.label,
      labelSize: 16,
      labelGap: 0,
      grid: { show: false },
      border: { show: true, width: 1, stroke: () => colour("--line-strong") },
      splits: (u, _, low, high) => linearTicks(low, high, Math.max(2, Math.min(6, u.width / 90)), kind === "step" ? [] : SPANS),
      values: (u, splits) => {
        const apart = splits.length > 1 ? splits[1] - splits[0] : 60;
        if (kind === "step") return tickNumbers(splits);
        return splits.map((each) => (kind === "time" ? duration(each) : clock(each, apart)));
      },
    },
    {
      ...look,
      size: (u, values) => EDGE + 6.5 * Math.max(2, ...(values ?? []).map((each) => each.length)),
      gap: 6,
      grid: { stroke: () => colour("--line"), width: 1 },
      splits: (u, _, low, high) => (data.y.log ? logTicks(low, high) : linearTicks(low, high, 5)),
      filter: (u, splits) => splits,
      values: (u, splits) => tickNumbers(splits),
    },
  ];
}

// one chart ─────────────────────────────────────────────────────────────
class Chart {
  constructor(figure, state = {}) {
    this.figure = figure;
    this.data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    this.full = this.data.x.range[0] < this.data.x.range[1] ? this.data.x.range : padded(...this.data.x.range);
    this.box = figure.querySelector(".chart-plot");
    const { series, lines } = seriesOf(this.data);
    this.lines = lines;
    const columns = aligned(this.data);
    this.places = columns.map((column) => column.flatMap((value, i) => (value === null || value === undefined ? [] : [i])));
    figure.classList.add("is-lively");
    this.words();
    this.plot = new uPlot(this.options(series), columns, this.box);
    this.plot.over.addEventListener("pointerleave", () => light(""));
    this.read(null);
    if (state.zoom) this.plot.setScale("x", { min: state.zoom[0], max: state.zoom[1] });
    if (state.left >= 0) this.plot.setCursor({ left: state.left, top: state.top });
  }

  options(series) {
    const { y, areas } = this.data;
    return {
      ...this.size(),
      padding: [EDGE, EDGE + 6, 0, 0],
      legend: { show: false },
      focus: { alpha: 1 },
      scales: {
        x: { time: false, range: (u, low, high) => this.range(low, high) },
        y: { distr: y.log ? 3 : 1, range: (u, low, high) => (this.isZoomed && low !== null ? padded(low, high, y.log) : y.range) },
      },
      axes: axes(this.data),
      series,
      bands: areas.map((each, i) => ({ series: [2 * i + 1, 2 * i + 2], fill: () => soft(`--s${each.look}`, !lit || lit === each.mark ? AREA : AREA / 3) })),
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: 5 },
        focus: { prox: NEAR },
        sync: { key: "curves", setSeries: false, scales: ["x", null], filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } },
        dataIdx: (u, i, near, at) => this.nearest(i, near, at),
        points: {
          show: (u, i) => (this.lines[i] && !this.lines[i].faint ? document.createElement("div") : null),
          size: 7,
          width: 0,
          fill: (u, i) => colour(`--s${this.lines[i].look}`),
        },
      },
      hooks: {
        setCursor: [(u) => this.read(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
        setSeries: [(u, i, options) => "focus" in options && u.over.matches(":hover") && light(this.lines[i]?.mark ?? "")],
        setScale: [(u, key) => key === "x" && this.zoomed()],
      },
    };
  }

  size() {
    const width = this.box.clientWidth;
    const [wide, high] = this.data.size;
    return { width, height: Math.max(LEAST, Math.min(HIGHEST, Math.round((width * high) / wide))) };
  }

  range(low, high) {
    const [first, last] = this.full;
    const least = (last - first) * 1e-4; // the points are rounded, the range is not
    this.isZoomed = low - first > least || last - high > least;
    return this.isZoomed && high > low ? [low, high] : this.full;
  }

  // The index of the line's own point that is nearest to the cursor, and none where the line is not.
  nearest(i, near, at) {
    const places = this.places[i];
    const x = this.plot.data[0];
    let [low, high] = [0, places.length - 1];
    if (high < 0 || !this.lines[i]) return null;
    const slack = (this.plot.scales.x.max - this.plot.scales.x.min) / 100;
    if (at < x[places[0]] - slack || at > x[places[high]] + slack) return null;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (x[places[middle]] <= at) low = middle;
      else high = middle;
    }
    return Math.abs(x[places[low]] - at) <= Math.abs(x[places[high]] - at) ? places[low] : places[high];
  }

  words() {
    const caption = this.figure.querySelector("figcaption");
    this.readout = Object.assign(document.createElement("span"), { className: "chart-readout" });
    this.reset = Object.assign(document.createElement("button"), { type: "button", className: "button button-small chart-reset", textContent: "Whole curve", hidden: true });
    this.reset.addEventListener("click", () => zoomAll(null));
    caption.append(this.readout, this.reset);
    this.cells = new Map();
    for (const item of this.figure.querySelectorAll(".legend > [data-mark]")) {
      const cell = Object.assign(document.createElement("span"), { className: "legend-value" });
      item.append(cell);
      this.cells.set(item.dataset.mark, cell);
    }
  }

  // With so many digits that a thousandth of the axis is told apart.
  reading(value) {
    const { log, range } = this.data.y;
    const { min, max } = this.plot.scales.y;
    const [low, high] = this.isZoomed && min < max ? [min, max] : range;
    return number(value, digitsTelling(value, (log ? Math.abs(value) * Math.log(high / low) : high - low) / 1e3, 4));
  }

  // The values at a place, or the last ones where the cursor is nowhere.
  read(at) {
    const { x, lines } = this.data;
    const named = lines.filter((each) => !each.faint);
    let single = "";
    this.lines.forEach((line, i) => {
      if (!line || line.faint) return;
      const places = this.places[i];
      const index = at === null ? places[places.length - 1] : this.nearest(i, 0, at);
      const value = index === null || index === undefined ? "–" : this.reading(this.plot.data[i][index]);
      const cell = this.cells.get(line.mark);
      if (cell) cell.textContent = value;
      else if (named.length === 1) single = value;
    });
    const words = at === null ? (single ? `last ${single}` : "last values") : `${x.kind === "step" ? "step " : ""}${place(x.kind, at)}${single ? `: ${single}` : ""}`;
    this.readout.textContent = words;
  }

  zoomed() {
    this.reset.hidden = !this.isZoomed;
    const { min, max } = this.plot.scales.x;
    if (!isZooming) zoomAll(this.isZoomed ? [min, max] : null, this);
  }

  state() {
    const { min, max } = this.plot.scales.x;
    return { zoom: this.isZoomed ? [min, max] : null, left: this.plot.cursor.left, top: this.plot.cursor.top };
  }

  light() {
    this.plot.series.forEach((series, i) => {
      const line = this.lines[i];
      if (line) series.alpha = (line.faint ? FAINT : 1) * (!lit || line.mark === lit ? 1 : line.faint ? 0.3 : DIM * 2);
    });
    this.plot.redraw(false);
  }
}

// all charts ────────────────────────────────────────────────────────────
let isZooming = false;

function zoomAll(range, from = null) {
  isZooming = true;
  for (const chart of shown.values()) {
    if (chart === from || chart.data.x.kind !== (from ?? chart).data.x.kind) continue;
    const [min, max] = range ?? chart.full;
    chart.plot.batch(() => chart.plot.setScale("x", { min, max }));
  }
  isZooming = false;
}

function light(mark) {
  const known = [...shown.values()].some((chart) => chart.data.lines.some((line) => line.mark === mark));
  const next = known ? mark : "";
  if (next === lit) return;
  lit = next;
  for (const chart of shown.values()) chart.light();
  for (const each of document.querySelectorAll("[data-mark]")) {
    each.classList.toggle("is-dim", Boolean(lit) && each.dataset.mark !== lit);
    each.classList.toggle("is-lit", Boolean(lit) && each.dataset.mark === lit);
  }
}

function markOf(event) {
  return event.target instanceof Element ? (event.target.closest("[data-mark]")?.dataset.mark ?? null) : null;
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const chart = shown.get(target.closest("figure"));
    if (chart && target.clientWidth && chart.plot.width !== target.clientWidth) chart.plot.setSize(chart.size());
  }
});

// Charts that came are made lively, those that went are forgotten; what one was looking at stays in view.
function look() {
  const gone = new Map();
  for (const [figure, chart] of shown) {
    if (figure.isConnected) continue;
    gone.set(figure.querySelector("figcaption").firstChild.data, chart.state());
    chart.plot.destroy();
    shown.delete(figure);
  }
  isZooming = true;
  for (const script of document.querySelectorAll('.chart-box > script[type="application/json"]')) {
    const figure = script.parentElement;
    if (shown.has(figure)) continue;
    const chart = new Chart(figure, gone.get(figure.querySelector("figcaption").firstChild.data));
    shown.set(figure, chart);
    sizes.observe(chart.box);
  }
  isZooming = false;
}

document.addEventListener("pointerover", (event) => {
  const mark = markOf(event);
  if (mark !== null) light(mark);
});
document.addEventListener("pointerout", (event) => markOf(event) !== null && light(""));
document.addEventListener("focusin", (event) => markOf(event) !== null && light(markOf(event)));
document.addEventListener("focusout", (event) => markOf(event) !== null && light(""));
dark.addEventListener("change", () => {
  colours.clear();
  for (const chart of shown.values()) chart.plot.redraw(false);
});
for (const place of document.querySelectorAll('[data-live="charts"]')) {
  new MutationObserver(look).observe(place, { childList: true });
}
look();
