using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>Pixels of ML.NET's ExtractPixels have three dimensions, as an encoder's vectors of tokens may have, and no annotation that
/// tells the two apart.</summary>
public class ImagePixelsTests
{
    private const int Side = 6;

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(ImagePixelExtractingEstimator.ColorBits.Green, false)]
    [InlineData(ImagePixelExtractingEstimator.ColorBits.Rgb, false)]
    [InlineData(ImagePixelExtractingEstimator.ColorBits.Rgb, true)]
    public void ExtractPixels_IsRefusedWithAStepThatHelps_AndTheStepHelps(ImagePixelExtractingEstimator.ColorBits colors, bool interleaves)
    {
        using MLImage image = MLImage.CreateFromPixels(
            Side, Side, MLPixelFormat.Bgra32, [.. Enumerable.Range(1, 4 * Side * Side).Select(i => (byte)i)]);
        IDataView data = _ml.Data.LoadFromEnumerable([new Picture { Image = image }]);
        ImagePixelExtractingEstimator pixels = _ml.Transforms.ExtractPixels("Pixels", "Image", colors, interleavePixelColors: interleaves);

        string message = Assert.Throws<ArgumentOutOfRangeException>(
            () => pixels.Append(_ml.Transforms.TruncateEmbedding("Short", "Pixels", 8)).Fit(data)).Message;
        Assert.Contains("mlContext.Transforms.Expression(\"Vector\", \"x : x\", \"Pixels\")", message, StringComparison.Ordinal);

        IEstimator<ITransformer> pipeline = pixels.Append(_ml.Transforms.Expression("Vector", "x : x", "Pixels"))
            .Append(_ml.Transforms.TruncateEmbedding("Short", "Vector", 8, EmbeddingNormalization.None));
        ITransformer model = pipeline.Fit(data);
        using var zip = new MemoryStream();
        _ml.Model.Save(model, data.Schema, zip);
        // In one pass: ExtractPixels disposes of the images that it has read.
        Numbers numbers = _ml.Data.CreateEnumerable<Numbers>(_ml.Model.Load(zip, out _).Transform(data), reuseRowObject: false).Single();

        Assert.Equal(numbers.Pixels.Take(8), numbers.Short);
    }

    private sealed class Picture
    {
        // A schema with images alone cannot be saved.
        public string Name { get; set; } = "";

        [ImageType(Side, Side)]
        public MLImage? Image { get; set; }
    }

    private sealed class Numbers
    {
        public float[] Pixels { get; set; } = [];

        public float[] Short { get; set; } = [];
    }
}
