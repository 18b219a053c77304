/**
 * One accent, and a meaning for every other color. Text on its background has at least the AA contrast of WCAG 2.2; a
 * test computes it.
 */
export const COLORS = `
:root {
  color-scheme: light dark;
  --ground: #f3f6f5;
  --card: #ffffff;
  --inset: #f6f8f7;
  --line: #dce3e0;
  --edge: #7b8884;
  --text: #15201d;
  --muted: #51605b;
  --accent: #0a6b5c;
  --accent-strong: #07564a;
  --on-accent: #ffffff;
  --accent-soft: #e2f1ed;
  --danger: #a8261c;
  --danger-strong: #8a1c14;
  --on-danger: #ffffff;
  --danger-soft: #fcedeb;
  --caution: #744700;
  --caution-soft: #fdf3dc;
  --caution-line: #e6c987;
  --shadow: 0 1px 2px rgb(16 40 34 / 6%), 0 8px 28px rgb(16 40 34 / 7%);
}

@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1312;
    --card: #151d1b;
    --inset: #1b2523;
    --line: #2a3633;
    --edge: #71817c;
    --text: #e7eeeb;
    --muted: #a0b0ab;
    --accent: #62cdb8;
    --accent-strong: #86dccb;
    --on-accent: #06201b;
    --accent-soft: #16322d;
    --danger: #ff9c8f;
    --danger-strong: #ffb6ac;
    --on-danger: #330905;
    --danger-soft: #371b18;
    --caution: #f2c66d;
    --caution-soft: #2f2612;
    --caution-line: #5f4b1c;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 8px 28px rgb(0 0 0 / 30%);
  }
}
`;
