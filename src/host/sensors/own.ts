// The sensors that a study names itself: a file that holds degrees, or a command that prints them.
import {degrees, noClose, nothing, parseDegrees, type Found, type Sample, type SensorSite} from './sensor.ts';

const commandMs = 2500;

/** The path is absolute; `shown` is as the study wrote it. */
export function fileSensor(site: SensorSite, path: string, shown: string): Found {
  const name = `file ${shown}`;
  const sample = async (): Promise<Sample> => {
    const text = await site.readText(path);
    return text === undefined ? nothing('there is no such file, or it cannot be read') : numberIn(text, name);
  };
  return {name, measures: 'machine', sample, close: noClose};
}

/** By `sh -c`, in the workspace: the line may quote, pipe and read variables as it does in a terminal. */
export function commandSensor(site: SensorSite, line: string): Found {
  const name = `command ${line}`;
  const sample = async (): Promise<Sample> => {
    const ran = await site.run(['sh', '-c', line], commandMs);
    return 'why' in ran ? nothing(ran.why) : numberIn(ran.text, name);
  };
  return {name, measures: 'machine', sample, close: noClose};
}

function numberIn(text: string, source: string): Sample {
  const celsius = parseDegrees(text);
  return Number.isNaN(celsius)
    ? nothing(`it says ${JSON.stringify(text.slice(0, 40))}, which is no number of degrees`)
    : degrees(celsius, source);
}
