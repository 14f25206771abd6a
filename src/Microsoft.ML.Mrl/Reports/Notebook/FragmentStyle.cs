using System.Text;
using Microsoft.ML.Mrl.Reports.Html;

namespace Microsoft.ML.Mrl.Reports.Notebook;

/// <summary>
/// Provides the style of a fragment. Every rule applies only inside the root element, which has its own background and font.
/// </summary>
internal static class FragmentStyle
{
    /// <summary>The class of the root.</summary>
    public const string Root = "mrl-report";

    /// <summary>How a dark document can be told: by JupyterLab's attribute, and by the class that VS Code gives.</summary>
    private static readonly string[] s_darkDocuments = ["[data-jp-theme-light=\"false\"]", ".vscode-dark"];

    private const string Own = """
        div, figure, p, dl, ul, table, svg { box-sizing: border-box; }
        p { margin: 0 0 8px; }
        .facts { margin: 0 0 12px; color: var(--soft); font-size: 14px; }
        .beside { display: flex; flex-wrap: wrap; gap: 16px 32px; align-items: flex-start; }
        .beside > * { flex: 1 1 340px; min-width: 0; max-width: 540px; }
        .beside > .wide { flex: 1 1 auto; max-width: 100%; }
        .wide > h3, .wide > .note { width: 0; min-width: 100%; }
        .beside + h3 { margin-top: 20px; }
        .number b { font-size: 44px; }
        .legend li { margin: 0; }
        th, td { padding: 5px 10px; }
        tr { background: none !important; }
        """;

    /// <summary>Gets the style sheet.</summary>
    public static string Css { get; } = Make();

    private static string Make()
    {
        var css = new StringBuilder()
            .Append('.').Append(Root).Append(" { ").Append(OneLine(PageStyle.Light))
            .Append(
                " max-width: 1160px; padding: 16px 18px; border: 1px solid var(--edge); " +
                "border-radius: 10px; background: var(--card); color: var(--ink); ")
            .Append(
                "font: 15px/1.5 system-ui, \"Segoe UI\", Roboto, \"Helvetica Neue\", Arial, sans-serif; " +
                "text-align: left; overflow-wrap: anywhere; }\n")
            .AppendJoin(", ", s_darkDocuments.Select(document => $"{document} .{Root}")).Append(" { ").Append(OneLine(PageStyle.Dark))
                .Append(" }\n");
        foreach (
            string rule in (PageStyle.Parts + "\n" + Own)
                .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int block = rule.IndexOf('{', StringComparison.Ordinal);
            css.AppendJoin(", ", rule[..block].Split(',', StringSplitOptions.TrimEntries).Select(selector => $".{Root} {selector}"))
                .Append(' ').Append(rule, block, rule.Length - block).Append('\n');
        }
        return css.ToString();
    }

    private static string OneLine(string lines)
        => string.Join(' ', lines.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
