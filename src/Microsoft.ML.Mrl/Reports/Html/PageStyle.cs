namespace Microsoft.ML.Mrl.Reports.Html;

/// <summary>Provides the style sheet of a report's page.</summary>
internal static class PageStyle
{
    /// <summary>The colours on a light ground.</summary>
    public const string Light = """
        --page: #f6f5f2; --card: #ffffff; --edge: #e3e0d9; --ink: #1d1c1a; --soft: #615d56; --grid: #ebe8e2;
        --axis: #a8a399; --pick: #eef3fe; --accent: #2256c4;
        --good: #1a6b45; --maybe: #8a5300; --bad: #a92a2a;
        --s0: #2b63d9; --s1: #c74a12; --s2: #0b7d5c; --s3: #8a3fc6; --s4: #a87400; --s5: #c2266b; --s6: #4c6675; --s7: #5b7a10;
        """;

    /// <summary>The same on a dark one.</summary>
    public const string Dark = """
        --page: #121316; --card: #1b1d21; --edge: #30333a; --ink: #eceae6; --soft: #aaa69e; --grid: #2a2d33;
        --axis: #6b6f78; --pick: #202a3f; --accent: #8fb3ff;
        --good: #6fd6a3; --maybe: #f0bf6a; --bad: #ff9a94;
        --s0: #7ca8ff; --s1: #ff9b6b; --s2: #52d3a8; --s3: #cfa0ff; --s4: #f2c14e; --s5: #ff86b5; --s6: #a3bccb; --s7: #b7d65c;
        """;

    /// <summary>The rules of charts and tables in pages and fragments, one rule in each line and without nested blocks.</summary>
    public const string Parts = """
        h3 { margin: 0; font-size: 16px; }
        figure { margin: 0; min-width: 0; }
        figcaption { margin-bottom: 8px; font-weight: 600; }
        .system { display: flex; align-items: center; gap: 8px; }
        .number { margin: 12px 0 10px; color: var(--soft); font-size: 18px; }
        .number b { color: var(--ink); font-size: 60px; line-height: 1; letter-spacing: -.03em; font-variant-numeric: tabular-nums; }
        .stats { display: flex; flex-wrap: wrap; gap: 12px 28px; margin: 18px 0 0; padding-top: 16px; border-top: 1px solid var(--edge); }
        dt { color: var(--soft); font-size: 13px; }
        dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
        .legend { display: flex; flex-wrap: wrap; gap: 6px 22px; margin: 0 0 14px; padding: 0; list-style: none; }
        .legend li { display: flex; align-items: center; gap: 8px; min-width: 0; }
        .key { flex: none; vertical-align: middle; }
        .chart { display: block; width: 100%; height: auto; overflow: visible; }
        .chart text { font-size: 13px; fill: var(--soft); font-variant-numeric: tabular-nums; }
        .chart .label { fill: var(--soft); }
        .grid { stroke: var(--grid); stroke-width: 1; fill: none; }
        .axis { stroke: var(--axis); stroke-width: 1; fill: none; }
        .asked { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 5 4; fill: none; opacity: .75; }
        .chart .asked-text { fill: var(--ink); font-weight: 600; }
        .chart .asked-text { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
        .s0 { color: var(--s0); }
        .s1 { color: var(--s1); }
        .s2 { color: var(--s2); }
        .s3 { color: var(--s3); }
        .s4 { color: var(--s4); }
        .s5 { color: var(--s5); }
        .s6 { color: var(--s6); }
        .s7 { color: var(--s7); }
        .line { stroke: currentColor; stroke-width: 2.25; fill: none; stroke-linejoin: round; stroke-linecap: round; }
        .mark { fill: currentColor; stroke: var(--card); stroke-width: 1.25; }
        .whisker { stroke: currentColor; stroke-width: 1.5; fill: none; opacity: .8; }
        .band { fill: currentColor; opacity: .18; }
        .chosen { fill: var(--card); stroke: currentColor; stroke-width: 2; }
        .scroll { overflow-x: auto; border-radius: 6px; }
        .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 4px; }
        table { width: 100%; border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
        th, td { padding: 8px 12px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
        thead th { color: var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; }
        thead th { border-bottom-color: var(--edge); max-width: 22em; white-space: normal; }
        tbody th, tfoot th { font-weight: 600; }
        th:first-child { position: sticky; left: 0; background: var(--card); text-align: left; padding-left: 0; }
        tbody tr:last-child > * { border-bottom-color: var(--edge); }
        tfoot tr > * { border-bottom: 0; }
        tr.pick > * { background: var(--pick); }
        tr.pick th { padding-left: 8px; border-radius: 6px 0 0 6px; }
        .tag { margin-left: 8px; padding: 1px 7px; border-radius: 999px; background: var(--accent); }
        .tag { color: var(--card); font-size: 11px; font-weight: 700; }
        .verdict { font-weight: 600; }
        .keeps { color: var(--good); }
        .unsure { color: var(--maybe); }
        .falls { color: var(--bad); }
        .note { margin: 4px 0 12px; color: var(--soft); font-size: 14px; }
        .scroll + .note { margin: 12px 0 0; }
        """;

    public const string Css = $$"""
        :root {
          color-scheme: light dark;
          {{Light}}
        }
        @media (prefers-color-scheme: dark) {
          :root {
            {{Dark}}
          }
        }
        {{Parts}}
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; max-width: 1160px; padding: 40px 24px 56px; overflow-wrap: anywhere; }
        body { background: var(--page); color: var(--ink); }
        body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
        header { margin-bottom: 36px; }
        .eyebrow { margin: 0 0 6px; color: var(--accent); font-size: 13px; font-weight: 600; }
        .eyebrow { letter-spacing: .06em; text-transform: uppercase; }
        h1 { margin: 0; font-size: clamp(28px, 5vw, 42px); line-height: 1.15; letter-spacing: -.02em; font-weight: 700; }
        h2 { margin: 44px 0 14px; font-size: 20px; line-height: 1.3; letter-spacing: -.01em; }
        .facts { margin: 10px 0 0; color: var(--soft); }
        .card { margin: 0 0 16px; padding: 20px; background: var(--card); border: 1px solid var(--edge); border-radius: 14px; }
        .advice { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 28px; align-items: center; padding: 26px; }
        .advice figcaption { font-size: 14px; color: var(--soft); }
        .pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
        .several { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px; }
        .pair .card, .several .card { margin: 0; }
        .pair { margin-bottom: 16px; }
        .several .chart text { font-size: 17px; }
        footer { color: var(--soft); font-size: 14px; }
        footer h2 { color: var(--ink); font-size: 16px; }
        footer ul { margin: 0; padding-left: 20px; max-width: 76ch; }
        footer li { margin-bottom: 6px; }
        @media (max-width: 760px) {
          body { padding: 24px 14px 40px; }
          .card { padding: 16px 14px; }
          .advice { grid-template-columns: minmax(0, 1fr); gap: 20px; padding: 20px 14px; }
          .pair { grid-template-columns: minmax(0, 1fr); }
          .chart text, .several .chart text { font-size: 16px; }
          th, td { padding: 8px 9px; }
        }
        @media print {
          body { max-width: none; padding: 0; background: none; }
          .card { break-inside: avoid; }
          .scroll { overflow: visible; }
        }

        """;
}
