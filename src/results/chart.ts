// Draws an ECharts option as SVG text: the same bytes for the same option, on every machine. Knows nothing of what is drawn.
import {visibleTurns} from '../base/visible.ts';
import {escapeXml} from '../base/xml.ts';
import type {EChartsCoreOption} from 'echarts/core';

export interface Chart {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** What a screen reader says, and a browser shows on hovering. */
  readonly title: string;
  readonly description: string;
  readonly option: EChartsCoreOption;
}

export const fontFamily = 'Helvetica, Arial, sans-serif';

/** Okabe and Ito's colours, apart for the colour-blind too; black text and pale yellow left out. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#555555'] as const;

export const ink = {text: '#222222', muted: '#555555', axis: '#888888', grid: '#e8e8e8'} as const;

export async function drawChart(chart: Chart): Promise<string> {
  const echarts = await loadEcharts();
  const drawing = echarts.init(null, null, {renderer: 'svg', ssr: true, width: chart.width, height: chart.height});
  try {
    drawing.setOption({animation: false, backgroundColor: '#ffffff', textStyle: {fontFamily, color: ink.text}, ...chart.option});
    return addTitle(dropTraces(visibleTurns(drawing.renderToSVGString())), chart);
  } finally {
    drawing.dispose();
  }
}

// Imported when a figure is drawn, not when the program starts: it costs more than a dry run.
async function loadEcharts() {
  const [core, charts, components, renderers] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  core.use([charts.LineChart, charts.ScatterChart, charts.CustomChart]);
  core.use([components.GridComponent, components.TitleComponent, components.LegendComponent, renderers.SVGRenderer]);
  return core;
}

// Ids count the charts of this process, and hover styles have no use in a file.
function dropTraces(svg: string): string {
  return svg
    .replace(/<style\b[\s\S]*?<\/style>\n?/g, '')
    .replace(/ (?:class="zr\d+-cls-\d+"|ecmeta_\w+="[^"]*"|pointer-events="\w+")/g, '')
    .replace(/\bzr\d+-/g, 'zr-');
}

function addTitle(svg: string, chart: Chart): string {
  const head = `<title id="title">${escapeXml(chart.title)}</title>\n<desc id="description">${escapeXml(chart.description)}</desc>`;
  return `${svg.replace(/<svg\b[^>]*>/, (tag) => `${tag.slice(0, -1)} role="img" aria-labelledby="title description">\n${head}`).trimEnd()}\n`;
}
