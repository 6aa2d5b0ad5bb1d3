// A row: two medians, their ratio, and the ratio that was promised.

/** @param target `{ atLeast }`, `{ atMost }`, or nothing: a row that is shown and promises nothing */
export function row(name, { ours, other, ratio, unit, target }) {
  return {
    name,
    ours: rounded(ours),
    other: rounded(other),
    ratio: rounded(ratio),
    target: target ? inWords(target) : null,
    ok: target ? isMet(target, ratio) : true,
    unit,
  };
}

/** How many times as fast we are, by the time that one takes. */
export function timesAsFast(name, ours, other, target) {
  return row(name, { ours, other, ratio: other / ours, unit: 'µs', target });
}

/** How many times the other's time we take. */
export function timesTheTime(name, ours, other, target) {
  return row(name, { ours, other, ratio: ours / other, unit: 'µs', target });
}

/** What part of the other's throughput we reach. */
export function partOfThroughput(name, ours, other, target) {
  return row(name, { ours, other, ratio: ours / other, unit: 'req/s', target });
}

function isMet({ atLeast = -Infinity, atMost = Infinity }, ratio) {
  return ratio >= atLeast && ratio <= atMost;
}

function inWords({ atLeast, atMost }) {
  return atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
}

function rounded(value) {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

/** The rows as people read them. */
export function toTable(rows, machine) {
  const lines = [
    ['row', 'ours', 'other', 'ratio', 'target', ''],
    ...rows.map(({ name, ours, other, ratio, target, ok, unit }) => [
      name,
      `${ours} ${unit}`,
      `${other} ${unit}`,
      ratio.toFixed(2),
      target ?? '-',
      target === null ? 'shown only' : ok ? 'met' : 'NOT MET',
    ]),
  ];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) =>
        i === 0 || i === line.length - 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
      )
      .join('  ')
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return `${text.join('\n')}\n\n${machine}\n`;
}

/** What `--json` prints: the same rows, without what only people need. */
export function toJson(rows) {
  return JSON.stringify({
    rows: rows.map(({ name, ours, other, ratio, target, ok }) => ({
      name,
      ours,
      other,
      ratio,
      target,
      ok,
    })),
  });
}
