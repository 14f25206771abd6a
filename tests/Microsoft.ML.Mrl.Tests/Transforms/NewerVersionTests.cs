using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.ML.Mrl.Tests.Text.Encoders;

namespace Microsoft.ML.Mrl.Tests.Transforms;

/// <summary>A step that a later version of the library saved in a form that this one cannot know is refused.</summary>
public class NewerVersionTests
{
    // Places in the header of a step in ML.NET's format.
    private const int Signature = 0x40, OldestReader = 0x4C;

    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData("truncate")]
    [InlineData("head")]
    [InlineData("quantize")]
    [InlineData("dequantize")]
    [InlineData("pca")]
    [InlineData("text")]
    public void Load_StepOfALaterVersion_IsRefused(string step)
    {
        IDataView view = step == "text" ? _ml.Data.LoadFromEnumerable([new Row { Text = "cat" }])
            : SampleVectors.View(_ml, SampleVectors.Random(5, 4));
        byte[] saved = Save(step, view);

        _ml.Model.Load(new MemoryStream(saved), out _);
        Assert.ThrowsAny<Exception>(() => _ml.Model.Load(new MemoryStream(OfALaterVersion(saved)), out _));
    }

    private byte[] Save(string step, IDataView view)
    {
        if (step == "dequantize")
        {
            view = _ml.Transforms.QuantizeEmbedding("Embedding", "Embedding", EmbeddingType.Half).Fit(view).Transform(view);
        }
        ITransformer model = step switch
        {
            "truncate" => _ml.Transforms.TruncateEmbedding("Out", "Embedding", 2).Fit(view),
            "head" => _ml.Transforms.ApplyEmbeddingHead("Out", "Embedding", SampleHeads.Random(4, 3, [3])).Fit(view),
            "quantize" => _ml.Transforms.QuantizeEmbedding("Out", "Embedding", EmbeddingType.Int8).Fit(view),
            "dequantize" => _ml.Transforms.DequantizeEmbedding("Out", "Embedding").Fit(view),
            "pca" => _ml.Transforms.PcaRotate("Out", "Embedding", 2).Fit(view),
            _ => _ml.Transforms.EncodeText("Out", nameof(Row.Text), StaticEncoders.OfWords()).Fit(view),
        };
        using var stream = new MemoryStream();
        _ml.Model.Save(model, null, stream);
        return stream.ToArray();
    }

    private static byte[] OfALaterVersion(byte[] saved)
    {
        using var stream = new MemoryStream();
        stream.Write(saved);
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            int changed = 0;
            foreach (ZipArchiveEntry entry in zip.Entries.Where(entry => entry.Name == "Model.key"))
            {
                using Stream content = entry.Open();
                var header = new byte[content.Length];
                content.ReadExactly(header);
                if (header.AsSpan(Signature).StartsWith("MRL"u8))
                {
                    BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(OldestReader), int.MaxValue);
                    content.Position = 0;
                    content.Write(header);
                    changed++;
                }
            }
            Assert.Equal(1, changed);
        }
        return stream.ToArray();
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
