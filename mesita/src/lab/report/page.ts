import type { Outcome } from '../simulation.ts';
import type { Workload } from '../workload/workload.ts';
import { type Figure, figuresOf } from './figures.ts';
import { escapeText, formatMs } from './markup.ts';
import { STYLE } from './style.ts';
import { summaryTables } from './summary.ts';

/** One file that needs nothing else: no script, no picture, no network. */
export function renderReport(workload: Workload, outcomes: readonly Outcome[]): string {
  const isCompared = outcomes.length > 1;
  const names = outcomes.map(({ allocator }) => allocator);
  const title = isCompared ? names.join(' against ') : (names[0] ?? '');
  const cards = figuresOf(outcomes).map((figure) => card(figure, names));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)} – allocation laboratory</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeText(title)}</h1>
<p>Allocation laboratory · ${escapeText(workload.title)} · ${formatMs(workload.endMs)} of virtual time</p>
</header>
<section class="card">
<h2>Summary</h2>
${summaryTables(outcomes)}
</section>
<div class="grid-of-cards${isCompared ? ' compared' : ''}">
${cards.join('\n')}
</div>
${outcomes.map(complaintsOf).join('')}
</main>
</body>
</html>
`;
}

function card({ title, text, panels, legend }: Figure, names: readonly string[]): string {
  const drawn = panels.map((panel, i) => {
    const heading = names.length > 1 ? `<h3>${escapeText(names[i] ?? '')}</h3>` : '';
    return `<div>${heading}${panel}</div>`;
  });
  return `<section class="card">
<h2>${escapeText(title)}</h2>
<p>${escapeText(text)}</p>
<div class="panels">${drawn.join('\n')}</div>
${legend ?? ''}
</section>`;
}

function complaintsOf({ allocator, complaints }: Outcome): string {
  if (complaints.length === 0) return '';
  const text = complaints.map(escapeText).join('\n');
  return `<details><summary>Warnings of ${escapeText(allocator)}</summary><pre>${text}</pre></details>`;
}
