import { COLORS } from "./colors.ts";

const variables = (appearance: keyof typeof COLORS) =>
  Object.entries(COLORS[appearance])
    .map(([name, value]) => `--${name}: ${value};`)
    .join(" ");

/** The look of the window, close to Raycast's in size and tone. */
export const STYLE = `
* { box-sizing: border-box; margin: 0; }
html { font: 13px/1.4 Inter, "Helvetica Neue", Arial, sans-serif; }
body { width: 870px; height: 594px; display: grid; place-items: center; overflow: hidden; }
body.dark { --ground: linear-gradient(135deg, #2a1f5f, #0f1630 60%, #23315e); --window: #1d1d20; --text: #f3f3f5; --second: #97979f;
  --line: rgba(255,255,255,.09); --chosen: rgba(255,255,255,.09); --code: rgba(255,255,255,.08); --panel: #28282c; ${variables("dark")} }
body.light { --ground: linear-gradient(135deg, #c9c3ff, #e9ecff 55%, #bcd3ff); --window: #fbfbfc; --text: #1b1b1f; --second: #77777f;
  --line: rgba(0,0,0,.09); --chosen: rgba(0,0,0,.065); --code: rgba(0,0,0,.06); --panel: #ffffff; ${variables("light")} }
body { background: var(--ground); color: var(--text); }
.window { width: 750px; height: 474px; background: var(--window); border-radius: 12px; display: flex; flex-direction: column; overflow: hidden;
  position: relative; border: 1px solid var(--line); box-shadow: 0 24px 60px rgba(0,0,0,.35); }
header { height: 56px; flex: none; display: flex; align-items: center; gap: 10px; padding: 0 16px; border-bottom: 1px solid var(--line); position: relative; }
header .query { flex: 1; font-size: 16px; white-space: nowrap; overflow: hidden; }
header .query.hint, .second { color: var(--second); }
header .back { width: 24px; height: 24px; border-radius: 6px; background: var(--code); display: grid; place-items: center; }
header .dropdown { border: 1px solid var(--line); border-radius: 6px; padding: 4px 10px; display: flex; gap: 8px; }
header.loading::after { content: ""; position: absolute; left: 25%; width: 35%; bottom: -1px; height: 2px;
  background: linear-gradient(90deg, transparent, var(--raycast-blue), transparent); }
main { flex: 1; display: flex; min-height: 0; }
.list { flex: 1; overflow: hidden; padding: 6px 8px; min-width: 0; }
.list.narrow { flex: 0 0 265px; border-right: 1px solid var(--line); }
.section { font-size: 11px; font-weight: 600; color: var(--second); padding: 8px 8px 4px; display: flex; gap: 6px; }
.section span { font-weight: 400; }
.row { height: 40px; display: flex; align-items: center; gap: 10px; padding: 0 8px; border-radius: 8px; white-space: nowrap; }
.row.chosen { background: var(--chosen); }
.row .name { font-weight: 500; overflow: hidden; text-overflow: ellipsis; }
.row .second { overflow: hidden; text-overflow: ellipsis; min-width: 0; flex: 0 1 auto; }
.row .accessories { margin-left: auto; display: flex; gap: 10px; align-items: center; color: var(--second); flex: none; }
.accessory { display: flex; gap: 5px; align-items: center; }
.tag { border-radius: 5px; padding: 1px 7px; font-size: 12px; }
.glyph { width: 16px; height: 16px; display: block; flex: none; }
.row > .glyph, .row > span > .glyph { width: 18px; height: 18px; }
.empty { flex: 1; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 6px; text-align: center; padding: 0 80px; }
.empty .glyph { width: 56px; height: 56px; opacity: .85; margin-bottom: 8px; }
.empty b { font-size: 15px; }
.pane { flex: 1; display: flex; flex-direction: column; min-width: 0; overflow: hidden; }
.pane.side { flex-direction: row; }
.markdown { flex: 1; padding: 18px 22px; overflow: hidden; line-height: 1.55; min-height: 0; }
.markdown > * + * { margin-top: 9px; }
.markdown h1 { font-size: 20px; } .markdown h2 { font-size: 16px; } .markdown h3 { font-size: 14px; }
.markdown pre { background: var(--code); border-radius: 8px; padding: 10px 12px; white-space: pre-wrap; }
.markdown code { font: 12px "JetBrains Mono", Menlo, "DejaVu Sans Mono", monospace; background: var(--code); border-radius: 4px; padding: 1px 4px; }
.markdown pre code { background: none; padding: 0; }
.markdown blockquote { border-left: 3px solid var(--line); padding-left: 12px; color: var(--second); }
.markdown ul, .markdown ol { padding-left: 20px; } .markdown a { color: var(--raycast-blue); } .markdown img { max-width: 100%; }
.markdown table { border-collapse: collapse; } .markdown th, .markdown td { border: 1px solid var(--line); padding: 4px 10px; text-align: left; }
.metadata { border-top: 1px solid var(--line); padding: 8px 22px; max-height: 60%; overflow: hidden; flex: none; }
.side .metadata { border-top: 0; border-left: 1px solid var(--line); width: 245px; max-height: none; padding: 14px 16px; }
.fact { display: flex; justify-content: space-between; gap: 16px; padding: 5px 0; border-bottom: 1px solid var(--line); }
.fact:last-child { border: 0; } .below .metadata hr { display: none; } .panel hr { border: 0; border-top: 1px solid var(--line); margin: 5px 0; }
.side .fact { flex-direction: column; gap: 2px; border: 0; }
.fact .value { display: flex; gap: 6px; align-items: center; flex-wrap: wrap; text-align: right; }
.side .fact .value { text-align: left; } .metadata hr { border: 0; border-top: 1px solid var(--line); margin: 5px 0; }
.form { flex: 1; padding: 22px 0; display: grid; grid-template-columns: 190px 370px; gap: 12px 16px; align-content: start; justify-content: center; }
.form label { text-align: right; color: var(--second); padding-top: 6px; }
.form label + span { padding-top: 6px; }
.form .field { border: 1px solid var(--line); border-radius: 7px; min-height: 32px; padding: 6px 10px; white-space: pre-wrap; }
.form .field.error { border-color: var(--raycast-red); } .form .error-text { color: var(--raycast-red); font-size: 11px; }
footer { height: 40px; flex: none; display: flex; align-items: center; gap: 10px; padding: 0 12px; border-top: 1px solid var(--line); font-size: 12px; font-weight: 500; }
footer img { width: 20px; height: 20px; } footer .actions { margin-left: auto; display: flex; gap: 8px; align-items: center; }
kbd { font: 11px Inter, Arial, sans-serif; background: var(--code); border-radius: 4px; padding: 2px 6px; color: var(--second); }
footer .toast { display: flex; gap: 8px; align-items: center; overflow: hidden; white-space: nowrap; } footer .dot { width: 9px; height: 9px; border-radius: 50%; flex: none; }
.panel { position: absolute; right: 10px; bottom: 48px; width: 330px; background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 6px;
  box-shadow: 0 12px 30px rgba(0,0,0,.3); }
.panel .row { height: 34px; } .panel .shortcut { margin-left: auto; display: flex; gap: 3px; } .panel .destructive { color: var(--raycast-red); }
`;
