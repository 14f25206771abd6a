using System.Text;
using Microsoft.ML.Data;
using Microsoft.ML.Mrl.Tests.Text.Encoders;
using Microsoft.ML.Mrl.Text.Encoders;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>
/// A model file with one damaged byte is refused when it is loaded, or gives what the undamaged one gives: never other values.
/// </summary>
public class DamagedStepTests
{
    private static readonly string[] s_streams =
        ["Settings.bin", "Head.bin", "Variance.bin", "Ranges.bin", "Encoder.bin", "Classifier.bin"];

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData("truncate")]
    [InlineData("linear")]
    [InlineData("orthogonal")]
    [InlineData("residual")]
    [InlineData("half")]
    [InlineData("int8")]
    [InlineData("dequantize")]
    [InlineData("pca")]
    [InlineData("discriminant")]
    [InlineData("centroids")]
    [InlineData("ridge")]
    [InlineData("text")]
    [InlineData("prompt")]
    public void Load_AnyByteOfTheStepsStreamsDamaged_IsRefusedAsInvalidData(string step)
    {
        byte[] saved = Saved(step, out _);
        int streams = 0, bytes = 0;

        foreach ((int start, int length) in UnpackedModel.Find(saved, s_streams))
        {
            streams++;
            for (int i = start; i < start + length; i++, bytes++)
            {
                Assert.IsType<InvalidDataException>(UnpackedModel.Refusal(_ml, UnpackedModel.WithFlippedBit(saved, i)));
            }
        }

        Assert.Equal(step switch { "truncate" or "half" or "dequantize" => 1, "pca" or "discriminant" => 3, _ => 2 }, streams);
        Assert.True(bytes > 60);
    }

    [Theory]
    [InlineData("truncate")]
    [InlineData("int8")]
    [InlineData("prompt")]
    public void Load_AnyByteOfTheFileDamaged_IsRefusedOrGivesTheSame(string step)
    {
        byte[] saved = Saved(step, out IDataView view);
        string expected = ValuesOf(Load(saved).Transform(view));
        int refused = 0;

        for (int i = 0; i < saved.Length; i++)
        {
            string found;
            try
            {
                found = ValuesOf(Load(UnpackedModel.WithFlippedBit(saved, i)).Transform(view));
            }
            catch (Exception e) when (e is not (NullReferenceException or OutOfMemoryException or AccessViolationException))
            {
                refused++;
                continue;
            }
            Assert.True(expected == found, $"Byte {i} of {saved.Length} changes the values.");
        }

        Assert.InRange(refused, saved.Length / 4, saved.Length);
    }

    private byte[] Saved(string step, out IDataView view)
    {
        view = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 80).Select(i => new Row
        {
            Text = i % 2 == 0 ? "a cat" : "the dog",
            Embedding = SampleVectors.Random(1, 4, seed: i)[0].Select((v, j) => j == i % 2 ? v + 3 : v).ToArray(),
            Label = i % 2 == 0 ? "cat" : "dog",
        }));
        if (step == "dequantize")
        {
            view = _ml.Transforms.QuantizeEmbedding("Embedding", "Embedding", EmbeddingType.Half).Fit(view).Transform(view);
        }
        ITransformer model = step switch
        {
            "truncate" => _ml.Transforms.TruncateEmbedding([new("Out", "Embedding"), new("Embedding")], 2).Fit(view),
            "half" => _ml.Transforms.QuantizeEmbedding("Out", "Embedding", EmbeddingType.Half, dimensions: 3).Fit(view),
            "int8" => _ml.Transforms.QuantizeEmbedding("Out", "Embedding", EmbeddingType.Int8, dimensions: 3).Fit(view),
            "dequantize" => _ml.Transforms.DequantizeEmbedding("Out", "Embedding").Fit(view),
            "pca" => _ml.Transforms.PcaRotate("Out", "Embedding", 2).Fit(view),
            "discriminant" => _ml.Transforms.DiscriminantRotate("Out", "Embedding", "Label", 2).Fit(view),
            "centroids" => Classifier(AdaptiveClassifierKind.NearestCentroid).Fit(view),
            "ridge" => Classifier(AdaptiveClassifierKind.Ridge).Fit(view),
            "text" => _ml.Transforms.EncodeText("Out", "Text", StaticEncoders.OfWords()).Fit(view),
            "prompt" => _ml.Transforms.EncodeText("Out", "Text", Prompted(), "query").Fit(view),
            _ => _ml.Transforms.ApplyEmbeddingHead("Out", "Embedding", SampleHeads.Random(step, 4, 3)).Fit(view),
        };
        return UnpackedModel.Of(_ml, model, null);

        IEstimator<ITransformer> Classifier(AdaptiveClassifierKind kind) => _ml.MulticlassClassification.Trainers.AdaptiveClassify(
            "Label", "Embedding", new AdaptiveClassifierOptions { Kind = kind, Dimensions = [2, 4] });
    }

    private static StaticTextEncoder Prompted()
    {
        var prompts = new Dictionary<string, string> { ["query"] = "the ", ["document"] = "a " };
        return new(StaticEncoders.Content() with { Prompts = new EncoderPrompts(prompts, null, "made by hand") });
    }

    private ITransformer Load(byte[] saved) => _ml.Model.Load(new MemoryStream(saved), out _);

    /// <summary>All columns of the first rows, to the bit.</summary>
    private static string ValuesOf(IDataView view)
    {
        var text = new StringBuilder();
        foreach (DataDebuggerPreview.RowInfo row in view.Preview(maxRows: 4).RowView)
        {
            foreach (KeyValuePair<string, object> cell in row.Values)
            {
                text.Append(cell.Key).Append('=').AppendJoin(' ', cell.Value switch
                {
                    VBuffer<float> values => values.DenseValues().Select(v => $"{BitConverter.SingleToInt32Bits(v):x8}"),
                    VBuffer<sbyte> values => values.DenseValues().Select(v => $"{v}"),
                    VBuffer<ushort> values => values.DenseValues().Select(v => $"{v}"),
                    object value => [$"{value}"],
                }).AppendLine();
            }
        }
        return text.ToString();
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public string Label { get; set; } = "";

        [VectorType(4)]
        public float[] Embedding { get; set; } = [];
    }
}
