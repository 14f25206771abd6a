using System.Numerics.Tensors;
using System.Text;
using Microsoft.ML.Mrl.Files;

namespace Microsoft.ML.Mrl.Classification;

/// <summary>
/// Reads and writes saved classifiers: a <see cref="ChecksummedFrame"/> named MRLADCL with the width, the dimensions, the labels, the
/// thresholds, the weights of the classes at each dimension and the calibration. Little-endian.
/// </summary>
/// <remarks>
/// Version 1 has centroids as its weights, and is written for them still. Version 2 begins with a byte for the kind, and after the weights
/// of each dimension stand its biases.
/// </remarks>
internal static class AdaptiveClassifierFormat
{
    private const byte Centroids = 1;
    private const byte Newest = 2;

    private static ReadOnlySpan<byte> Magic => "MRLADCL"u8;

    public static void Write(AdaptiveClassifier classifier, Stream stream) =>
        ChecksummedFrame.Write(stream, Magic, VersionOf(classifier.Kind), writer =>
    {
        bool isLinear = classifier.Kind != AdaptiveClassifierKind.NearestCentroid;
        if (isLinear)
        {
            writer.Write((byte)classifier.Kind);
        }
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
        ChecksummedFrame.WriteFloats(writer, [.. classifier.Thresholds]);
        for (int i = 0; i < classifier.Dimensions.Count; i++)
        {
            for (int c = 0; c < classifier.Labels.Count; c++)
            {
                ChecksummedFrame.WriteFloats(writer, classifier.Classifiers.Weights(i, c));
            }
            if (isLinear)
            {
                ChecksummedFrame.WriteFloats(writer, classifier.Classifiers.Biases(i));
            }
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

    public static AdaptiveClassifier Read(Stream stream) =>
        ChecksummedFrame.Read(stream, Magic, (Centroids, Newest), "classifier", Array.MaxLength, ReadBody);

    private static byte VersionOf(AdaptiveClassifierKind kind) => kind == AdaptiveClassifierKind.NearestCentroid ? Centroids : Newest;

    private static AdaptiveClassifier ReadBody(BinaryReader reader, byte version)
    {
        AdaptiveClassifierKind kind = version == Centroids ? AdaptiveClassifierKind.NearestCentroid
            : (AdaptiveClassifierKind)reader.ReadByte();
        if (!Enum.IsDefined(kind) || VersionOf(kind) != version)
        {
            throw new InvalidDataException($"It is of kind {kind}, which this library does not know. Update the library.");
        }
        int width = ChecksummedFrame.ReadPositive(reader, "classifier's input width");
        int count = ReadCount("number of dimensions", sizeof(int));
        var dimensions = new MatryoshkaDimensions(Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray());
        string[] labels = [.. Enumerable.Range(0, ReadCount("number of labels", 1)).Select(_ => reader.ReadString())];
        float[] thresholds = ChecksummedFrame.ReadFloats(reader, count - 1);
        if (labels.Length < 2 || dimensions.Largest > width || thresholds.Any(t => !(t >= 0)))
        {
            throw new InvalidDataException("Its labels, dimensions or thresholds do not make sense.");
        }
        var weights = new float[count][];
        var biases = new float[count][];
        for (int i = 0; i < count; i++)
        {
            weights[i] = ChecksummedFrame.ReadFloats(reader, (long)labels.Length * dimensions[i]);
            biases[i] = version == Centroids ? new float[labels.Length] : ChecksummedFrame.ReadFloats(reader, labels.Length);
        }
        if (!weights.Concat(biases).All(numbers => float.IsFinite(TensorPrimitives.MaxMagnitude<float>(numbers))))
        {
            throw new InvalidDataException("One of its weights is a NaN or an infinity.");
        }
        AdaptiveCalibration? calibration = null;
        if (reader.ReadBoolean())
        {
            int rows = reader.ReadInt32();
            double[] n = [.. Enumerable.Range(0, 7 + count).Select(_ => reader.ReadDouble())];
            calibration = new AdaptiveCalibration
            {
                Rows = rows, Accuracy = n[0], FullAccuracy = n[1], Loss = (n[2], n[3]), ExpectedDimensions = n[4],
                    ExpectedDimensionsInterval = (n[5], n[6]), Shares = Array.AsReadOnly(n[7..]),
            };
        }
        return new AdaptiveClassifier(new NestedClassifiers(kind, dimensions, weights, biases), labels, thresholds, width, calibration);

        int ReadCount(string what, int bytesEach)
        {
            int value = ChecksummedFrame.ReadPositive(reader, $"classifier's {what}");
            return value <= (reader.BaseStream.Length - reader.BaseStream.Position) / bytesEach ? value
                : throw new InvalidDataException($"Its {what} is {value}, but the file ends before.");
        }
    }
}
