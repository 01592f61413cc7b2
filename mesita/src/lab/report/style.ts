export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #1b2430; --muted: #5d6b7c; --rule: #e3e7ec; --accent: #0f766e;
  --c0: #2563eb; --c1: #ea580c; --c2: #15803d; --c3: #9333ea;
  --c4: #0e7490; --c5: #b45309; --c6: #be185d; --c7: #64748b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151c; --card: #18202a; --text: #e6ebf1; --muted: #94a3b5; --rule: #2a3542; --accent: #5eead4;
    --c0: #60a5fa; --c1: #fb923c; --c2: #4ade80; --c3: #c084fc;
    --c4: #22d3ee; --c5: #fbbf24; --c6: #f472b6; --c7: #94a3b8;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 64px; }
header h1 { margin: 0; font-size: 28px; font-weight: 650; letter-spacing: -0.02em; }
header p { margin: 4px 0 28px; color: var(--muted); }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 12px; padding: 20px 22px; min-width: 0; }
.card h2 { margin: 0; font-size: 17px; font-weight: 620; }
.card > p { margin: 2px 0 12px; color: var(--muted); font-size: 13.5px; max-width: 76ch; }
.grid-of-cards { display: grid; gap: 20px; margin-top: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
.grid-of-cards.compared { grid-template-columns: minmax(0, 1fr); }
.panels { display: grid; gap: 8px 24px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); }
.panels h3 { margin: 0 0 4px; font-size: 13px; font-weight: 600; color: var(--accent); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; font-size: 13px; color: var(--muted); }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; background: var(--c); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; margin-top: 8px; font-size: 14px; }
th { text-align: left; font-weight: 450; }
thead th { font-weight: 600; color: var(--accent); }
thead th, td { text-align: right; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--rule); }
tbody tr:last-child > * { border-bottom: 0; }
thead th.group { text-align: left; color: var(--muted); font-size: 12px; letter-spacing: 0.06em; text-transform: uppercase; }
.summary { display: grid; gap: 12px 40px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); align-items: start; }
td.best { font-weight: 680; color: var(--accent); }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--muted); font: 11.5px system-ui, sans-serif; }
svg text.label { fill: var(--text); font-size: 12px; }
svg text.marked { fill: var(--text); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.grid { stroke: var(--rule); }
.axis, .tick { stroke: var(--muted); }
.mark { stroke: var(--text); stroke-dasharray: 3 3; opacity: 0.6; }
.line { fill: none; stroke: var(--c); stroke-width: 1.9; stroke-linejoin: round; }
.dashed { stroke-dasharray: 5 4; }
.bar { fill: var(--c); }
.s0 { --c: var(--c0); } .s1 { --c: var(--c1); } .s2 { --c: var(--c2); } .s3 { --c: var(--c3); }
.s4 { --c: var(--c4); } .s5 { --c: var(--c5); } .s6 { --c: var(--c6); } .s7 { --c: var(--c7); }
details { margin-top: 20px; color: var(--muted); font-size: 13.5px; }
details pre { white-space: pre-wrap; }
@media print { body { background: none; } .card { break-inside: avoid; } }
`;
