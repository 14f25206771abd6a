using System.Globalization;

namespace Microsoft.ML.Mrl.Benchmarks.Quality;

/// <summary>Written digits as 8 by 8 counts of ink (UCI).</summary>
internal static class Optdigits
{
    public static LabelledTask Load(string folder, RowChoice? choice = null)
    {
        return new LabelledTask(
            "optdigits", "digits by pixels", Part("optdigits.tra"), Part("optdigits.tes"), MatryoshkaDimensions.DoubledUpTo(64),
            choice ?? new RowChoice(), "NearestCentroid", "1-NN");

        Example[] Part(string name) => [.. CsvFile.Read(Path.Combine(folder, "optdigits", name)).Skip(1)
            .Select(row =>
                new Example { Vector = [.. row[..^1].Select(value => float.Parse(value, CultureInfo.InvariantCulture))],
                Label = row[^1] })];
    }
}
