// The processor's sensors that Linux shows as files: hwmon chips first, then thermal zones. Starts no process; a reading is one small file.
import {degrees, noClose, nothing, type Found, type Sample, type SensorSite} from './sensor.ts';

interface Input {
  /** Holds thousandths of a degree. */
  readonly path: string;
  /** `hwmon coretemp Package id 0`. */
  readonly name: string;
}

interface Chip {
  readonly name: string;
  readonly label: string;
  readonly path: string;
}

const hwmonFolder = '/sys/class/hwmon';
const zoneFolder = '/sys/class/thermal';

/** What measures a processor, the best first. Ryzen's Tctl may lie above the true Tdie. `acpitz` is the board, not the processor: never read. */
const chips: readonly {readonly chip: string; readonly label: RegExp; readonly shown: string}[] = [
  {chip: 'coretemp', label: /^Package id \d+$/, shown: 'coretemp Package id'},
  {chip: 'k10temp', label: /^Tdie$/, shown: 'k10temp Tdie'},
  {chip: 'k10temp', label: /^Tctl$/, shown: 'k10temp Tctl'},
  {chip: 'cpu_thermal', label: /^/, shown: 'cpu_thermal'},
];
const zones: readonly {readonly type: RegExp; readonly shown: string}[] = [
  {type: /^x86_pkg_temp$/, shown: 'x86_pkg_temp'},
  {type: /^cpu/, shown: 'cpu*'},
];

export async function findHwmon(site: SensorSite): Promise<readonly Found[]> {
  const present = await readChips(site);
  return chips.map(({chip, label, shown}) => {
    const inputs = present.filter((each) => each.name === chip && label.test(each.label));
    return sensorOf(
      site,
      `hwmon ${shown}`,
      inputs.map(({path, name, label: text}) => ({path, name: ['hwmon', name, text].filter((part) => part !== '').join(' ')})),
    );
  });
}

export async function findThermalZones(site: SensorSite): Promise<readonly Found[]> {
  const names = (await site.list(zoneFolder)).filter((name) => name.startsWith('thermal_zone'));
  const present = await Promise.all(
    names.map(async (name) => ({type: (await site.readText(`${zoneFolder}/${name}/type`)) ?? '', path: `${zoneFolder}/${name}/temp`})),
  );
  return zones.map(({type, shown}) => {
    const inputs = present.filter((zone) => type.test(zone.type));
    return sensorOf(
      site,
      `thermal zone ${shown}`,
      inputs.map((zone) => ({path: zone.path, name: `thermal zone ${zone.type}`})),
    );
  });
}

async function readChips(site: SensorSite): Promise<readonly Chip[]> {
  const folders = await site.list(hwmonFolder);
  const found = await Promise.all(folders.map((folder) => readChip(site, `${hwmonFolder}/${folder}`)));
  return found.flat();
}

async function readChip(site: SensorSite, folder: string): Promise<readonly Chip[]> {
  const name = (await site.readText(`${folder}/name`)) ?? '';
  if (!chips.some(({chip}) => chip === name)) return [];
  const inputs = (await site.list(folder)).filter((file) => /^temp\d+_input$/.test(file));
  return Promise.all(
    inputs.map(async (file) => ({
      name,
      label: (await site.readText(`${folder}/${file.replace('_input', '_label')}`)) ?? '',
      path: `${folder}/${file}`,
    })),
  );
}

function sensorOf(site: SensorSite, name: string, inputs: readonly Input[]): Found {
  const [first] = inputs;
  if (first === undefined) return {name, absent: 'there is none'};
  const sample = async (): Promise<Sample> => hottest(await Promise.all(inputs.map((input) => readInput(site, input))));
  return {name: inputs.length === 1 ? first.name : name, measures: 'cpu', sample, close: noClose};
}

// Several packages: the hottest counts. One that says nothing must not hide another one's heat.
function hottest(samples: readonly Sample[]): Sample {
  const known = samples.flatMap((sample) => (sample.kind === 'degrees' ? [sample] : []));
  return known.toSorted((left, right) => right.celsius - left.celsius)[0] ?? samples[0] ?? nothing('it has no input');
}

async function readInput(site: SensorSite, {path, name}: Input): Promise<Sample> {
  const text = await site.readText(path);
  if (text === undefined) return nothing(`${name} cannot be read`);
  return /^-?\d+$/.test(text) ? degrees(Number(text) / 1000, name) : nothing(`${name} says no number`);
}
