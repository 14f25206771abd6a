using System.Globalization;

namespace Microsoft.ML.Mrl.Tests.Cli;

/// <summary>An output that cancels when a line has a text in it.</summary>
internal sealed class CancellingWriter(CancellationTokenSource source, string trigger) : StringWriter(CultureInfo.InvariantCulture)
{
    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(trigger, StringComparison.Ordinal) == true)
        {
            source.Cancel();
        }
    }
}
