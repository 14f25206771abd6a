using System.Text;

namespace Microsoft.ML.Mrl;

/// <summary>
/// The bytes of a saved classifier: a <see cref="CheckedBody"/> named MRLADCL with the width, the dimensions, the labels, the thresholds, the centroids at each dimension and the calibration. Little-endian.
/// </summary>
internal static class AdaptiveClassifierFormat
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => "MRLADCL"u8;

    public static void Write(AdaptiveClassifier classifier, Stream stream) => CheckedBody.Write(stream, Magic, Version, writer =>
    {
        writer.Write(classifier.InputDimensions);
        writer.Write(classifier.Dimensions.Count);
        foreach (int dimension in classifier.Dimensions)
        {
            writer.Write(dimension);
        }
        writer.Write(classifier.Labels.Count);
        foreach (string label in classifier.Labels)
        {
            writer.Write(label);
        }
        CheckedBody.WriteFloats(writer, [.. classifier.Thresholds]);
        for (int i = 0; i < classifier.Dimensions.Count; i++)
        {
            CheckedBody.WriteFloats(writer, classifier.Centroids.At(i));
        }
        writer.Write(classifier.Calibration is not null);
        if (classifier.Calibration is { } calibration)
        {
            writer.Write(calibration.Rows);
            double[] numbers =
            [
                calibration.Accuracy, calibration.FullAccuracy, calibration.Loss.Low, calibration.Loss.High, calibration.ExpectedDimensions,
                calibration.ExpectedDimensionsInterval.Low, calibration.ExpectedDimensionsInterval.High, .. calibration.Shares,
            ];
            foreach (double number in numbers)
            {
                writer.Write(number);
            }
        }
    });

    public static AdaptiveClassifier Read(Stream stream)
    {
        byte[] body = CheckedBody.Read(stream, Magic, Version, "classifier");
        try
        {
            return ReadBody(body);
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"The classifier is damaged: {e.Message}", e);
        }
    }

    private static AdaptiveClassifier ReadBody(byte[] body)
    {
        using var reader = new BinaryReader(new MemoryStream(body), Encoding.UTF8);
        int width = CheckedBody.ReadPositive(reader, "classifier's input width");
        int count = ReadCount("number of dimensions", sizeof(int));
        var dimensions = new MatryoshkaDimensions(Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray());
        string[] labels = [.. Enumerable.Range(0, ReadCount("number of labels", 1)).Select(_ => reader.ReadString())];
        float[] thresholds = CheckedBody.ReadFloats(reader, count - 1);
        if (dimensions.Largest > width || thresholds.Any(t => !(t >= 0)))
        {
            throw new InvalidDataException("Its dimensions or thresholds do not make sense.");
        }
        float[][] centroids = [.. dimensions.Select(m => CheckedBody.ReadFloats(reader, (long)labels.Length * m))];
        AdaptiveCalibration? calibration = null;
        if (reader.ReadBoolean())
        {
            int rows = reader.ReadInt32();
            double[] n = [.. Enumerable.Range(0, 7 + count).Select(_ => reader.ReadDouble())];
            calibration = new AdaptiveCalibration
            {
                Rows = rows, Accuracy = n[0], FullAccuracy = n[1], Loss = (n[2], n[3]), ExpectedDimensions = n[4], ExpectedDimensionsInterval = (n[5], n[6]), Shares = Array.AsReadOnly(n[7..]),
            };
        }
        long left = body.Length - reader.BaseStream.Position;
        return left == 0
            ? new AdaptiveClassifier(new NestedCentroids(dimensions, labels.Length, centroids), labels, thresholds, width, calibration)
            : throw new InvalidDataException($"{left} bytes follow that do not belong to it.");

        int ReadCount(string what, int bytesEach)
        {
            int value = CheckedBody.ReadPositive(reader, $"classifier's {what}");
            return value <= (body.Length - reader.BaseStream.Position) / bytesEach ? value : throw new InvalidDataException($"Its {what} is {value}, but the file ends before.");
        }
    }
}
