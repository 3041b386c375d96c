// Two charts over the last minutes: what comes and goes, and how long it takes. uPlot draws; colours are the page's.

import { byId, element, setText } from "./dom.js";
import { clock, durationMark, durationText, minute, rate, t, whole } from "./language.js";

const CHARTS = [
  // Drawn one over the other in this order: where both run together the thin line of what comes lies on the area of what is answered.
  { id: "traffic", series: ["replied", "accepted"], legend: ["accepted", "replied"], write: rate, mark: whole, scale: { range: fromZero } },
  {
    id: "latency",
    series: ["p99_ms", "p95_ms", "p50_ms"],
    legend: ["p50_ms", "p95_ms", "p99_ms"],
    write: durationText,
    mark: durationMark,
    filter: (_, splits) => splits.map((value) => (isDecade(value) ? value : null)),
    scale: { distr: 3, range: decades },
  },
];
const WIDTHS = { replied: 2.5, accepted: 1.75, p50_ms: 2.5, p95_ms: 1.75, p99_ms: 1.25 };
/** The least that the upper end of a rate's axis is, lest a single message fills the chart. */
const LEAST_TOP = 10;
/** A gap in the seconds of at most so many is drawn through: a beat that came late. */
const GAP_S = 2;

function fromZero(_chart, _min, max) {
  return [0, Math.max(LEAST_TOP, (max ?? 0) * 1.12)];
}

function decades(_chart, min, max) {
  return [10 ** Math.floor(Math.log10(Math.max(0.5, Math.min(min ?? 1, 1)))), 10 ** Math.ceil(Math.log10(Math.max(100, (max ?? 0) * 1.05)))];
}

export class Charts {
  constructor(series) {
    this.series = series;
    this.rangeS = 900;
    this.made = [];
    new ResizeObserver(() => this.resize()).observe(byId("main"));
  }

  /** Makes the charts anew, in the colours and words of the moment. */
  draw() {
    for (const { plot } of this.made) plot.destroy();
    this.made = CHARTS.map((chart) => this.make(chart));
  }

  show() {
    for (const { chart, plot } of this.made) {
      const until = this.series.times.at(-1) ?? Math.round(Date.now() / 1000);
      const data = this.series.since(until - this.rangeS, chart.series);
      plot.setData(gapless(data), false);
      plot.setScale("x", { min: until - this.rangeS, max: until });
      if (plot.cursor.idx == null) this.legend(chart, plot, null);
    }
  }

  make(chart) {
    const panel = byId(chart.id);
    const style = getComputedStyle(panel);
    const font = `${style.getPropertyValue("--axis-size")} ${style.fontFamily}`;
    const axis = { stroke: colour("soft"), font, grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
    const plot = new uPlot(
      {
        ...size(panel),
        legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 8 } },
        padding: [10, 22, 0, 0],
        scales: { x: { time: true }, y: chart.scale },
        axes: [
          { ...axis, size: 34, space: 90, values: (_, times) => times.map(minute) },
          { ...axis, size: 66, space: 40, ...only(chart.filter, axis.grid), values: (_, values) => values.map((value) => (value == null ? "" : chart.mark(value))) },
        ],
        series: [
          {},
          ...chart.series.map((name) => ({
            stroke: colour(name),
            fill: name === "replied" ? colour("replied-fill") : undefined,
            width: WIDTHS[name],
            points: { show: false },
            spanGaps: false,
          })),
        ],
        hooks: { setCursor: [(one) => this.legend(chart, one, one.cursor.idx)] },
      },
      this.series.since(0, chart.series),
      panel.querySelector(".plot"),
    );
    return { chart, plot };
  }

  /** What each line is, and its value under the cursor, or the newest. */
  legend(chart, plot, index) {
    const legend = byId(chart.id).querySelector(".legend");
    if (!legend.children.length) legend.append(...chart.legend.map(legendEntry), element("li", "at"));
    const at = index ?? plot.data[0].length - 1;
    chart.legend.forEach((name, number) => {
      const [, words, value] = legend.children[number].children;
      const shown = plot.data[chart.series.indexOf(name) + 1]?.[at];
      setText(words, t(`series.${name}`));
      setText(value, shown == null ? "–" : chart.write(shown));
    });
    setText(legend.lastChild, index == null ? "" : clock(plot.data[0][index]));
  }

  resize() {
    for (const { chart, plot } of this.made) {
      const { width, height } = size(byId(chart.id));
      if (width && (width !== plot.width || height !== plot.height)) plot.setSize({ width, height });
    }
  }
}

/** Of an axis whose marks are filtered: the marks, and the lines that go with them. */
const only = (filter, grid) => (filter ? { filter, grid: { ...grid, filter } } : {});
const isDecade = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

function size(panel) {
  const box = panel.querySelector(".plot");
  return { width: box.clientWidth, height: box.clientHeight };
}

/** A colour of the style sheet as a canvas takes it: resolved, also where it depends on the scheme. */
function colour(name) {
  const probe = byId("main").appendChild(element("i"));
  probe.style.color = `var(--${name})`;
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

function legendEntry(name) {
  const node = element("li");
  const line = element("i", "line");
  line.dataset.series = name;
  node.append(line, element("span"), element("b"));
  return node;
}

/** Where seconds are missing uPlot must see a hole, or it draws a line across the time in which nobody looked. */
function gapless([times, ...columns]) {
  const filled = [[], ...columns.map(() => [])];
  times.forEach((time, index) => {
    if (index && time - times[index - 1] > GAP_S) {
      filled[0].push(times[index - 1] + 1);
      columns.forEach((_, number) => filled[number + 1].push(null));
    }
    filled[0].push(time);
    columns.forEach((column, number) => filled[number + 1].push(column[index]));
  });
  return filled;
}
