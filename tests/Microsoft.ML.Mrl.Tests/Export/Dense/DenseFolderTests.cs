using System.Text.Json;
using Microsoft.ML.Mrl.Files.Safetensors;
using Microsoft.ML.Mrl.Tests.Evaluation;
using Microsoft.ML.Mrl.Tests.Export.Onnx;
using Microsoft.ML.Mrl.Tests.Postgres;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;
using Microsoft.ML.Mrl.Tests.Transforms;

namespace Microsoft.ML.Mrl.Tests.Export.Dense;

public sealed class DenseFolderTests : IDisposable
{
    private const string Identity = "torch.nn.modules.linear.Identity";

    private readonly MrlOperations _mrl = new MLContext(1).Mrl();
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Import_OfTheGoldenFolder_GivesItsVectors()
    {
        string folder = Path.GetDirectoryName(Repository.Golden("bert-dense-identity", "2_Dense/config.json"))!;
        using var golden = JsonDocument.Parse(File.ReadAllText(Repository.Golden("bert-dense-identity", "golden.json")));
        double[][] pooled = Rows("cls_pooled");
        double[][] expected = Rows("sentence_embedding");

        LinearHead head = _mrl.ImportDense(folder);

        Assert.Equal((32, 16), (head.InputDimensions, head.OutputDimensions));
        Assert.Equal([16], head.TrainedDimensions);
        Assert.All(head.Bias.ToArray(), b => Assert.Equal(0, b));
        Assert.True(expected.Length > 5);
        for (int i = 0; i < expected.Length; i++)
        {
            float[] got = SampleHeads.Apply(head, Array.ConvertAll(pooled[i], v => (float)v), 16);
            Assert.All(Enumerable.Range(0, 16), j => Assert.Equal(expected[i][j], got[j], 1e-5));
        }

        double[][] Rows(string name) => [.. golden.RootElement.GetProperty(name).EnumerateArray().Select(GoldenLosses.Numbers)];
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Import_WithAResidual_AddsItToTheWeights(int outputs)
    {
        // x Wᵀ + b and x Rᵀ, or x itself where the layer keeps the width; x = (1, 2, −1).
        float[] weight = outputs == 2 ? [0.5f, -0.5f, 1, 0.2f, 0.4f, 1] : [0, 0, 1, 0.5f, 0.5f, 0, 1, 0, 0];
        float[] bias = outputs == 2 ? [0.6f, -0.7f] : [0.1f, 0.6f, -0.3f];
        float[] residual = [1, 0, 0, 0, 1, 0];
        File.WriteAllText(
            _folder["config.json"],
            $$"""{"in_features": 3, "out_features": {{outputs}}, "bias": true, "activation_function": "{{Identity}}", "use_residual": true}""");
        (string, SafetensorsDataType, IReadOnlyList<long>)[] tensors = [
            ("linear.bias", SafetensorsDataType.F32, [outputs]), ("linear.weight", SafetensorsDataType.F32, [outputs, 3]),
            ("residual.weight", SafetensorsDataType.F32, [2, 3])];
        SafetensorsWriter.Write(
            _folder["model.safetensors"], outputs == 2 ? tensors : tensors[..2],
            (i, stream) => SafetensorsWriter.WriteSingles(stream, i == 0 ? bias : i == 1 ? weight : residual), []);

        float[] got = SampleHeads.Apply(_mrl.ImportDense(_folder.Path), [1, 2, -1], outputs);

        float[] x = [1, 2, -1];
        double[] plain = [
            .. Enumerable.Range(0, outputs)
            .Select(o => bias[o] + Enumerable.Range(0, 3).Sum(i => (double)x[i] * weight[o * 3 + i])
            + (outputs == 2 ? Enumerable.Range(0, 3).Sum(i => (double)x[i] * residual[o * 3 + i]) : x[o]))];
        Assert.All(Enumerable.Range(0, outputs), o => Assert.Equal(plain[o], got[o], 1e-6));
    }

    [Fact]
    public void Import_OfAKeyThatIsNotKnown_IsRefusedByName()
    {
        File.WriteAllText(
            _folder["config.json"], $$"""{"in_features": 3, "out_features": 2, "activation_function": "{{Identity}}", "scale": 2}""");

        Assert.Contains(
            "scale", Assert.Throws<NotSupportedException>(() => _mrl.ImportDense(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ExportThenImport_OfTheGoldenFolder_KeepsItsWeights()
    {
        string golden = Path.GetDirectoryName(Repository.Golden("bert-dense-identity", "2_Dense/config.json"))!;
        LinearHead head = _mrl.ImportDense(golden);

        _mrl.ExportDense(head, _folder.Path);

        using SafetensorsFile before = SafetensorsFile.Open(Path.Combine(golden, "model.safetensors"));
        using SafetensorsFile after = SafetensorsFile.Open(Path.Combine(_folder.Path, "model.safetensors"));
        Assert.Equal(before.ReadSingles(before.Find("linear.weight")), after.ReadSingles(after.Find("linear.weight", 16, 32)));
    }

    [Fact]
    public void ExportThenImport_OfALinearHead_IsTheSameHead()
    {
        LinearHead head = SampleHeads.Random(12, 10, [2, 5, 10]);

        _mrl.ExportDense(head, Path.Combine(_folder.Path, "new", "2_Dense"));
        LinearHead got = _mrl.ImportDense(Path.Combine(_folder.Path, "new", "2_Dense"));

        Assert.Equal(head.Fingerprint, got.Fingerprint);
        Assert.Equal(
            "{\n  \"in_features\": 12,\n  \"out_features\": 10,\n  \"bias\": true,\n  \"activation_function\": \"torch.nn.modules.linear.Identity\"\n}",
            File.ReadAllText(Path.Combine(_folder.Path, "new", "2_Dense", "config.json")));
    }

    [Fact]
    public void Export_ThatCannotFinish_LeavesTheFolderAsItWas()
    {
        string folder = _folder["2_Dense"];
        Directory.CreateDirectory(Path.Combine(folder, "config.json"));
        File.WriteAllText(Path.Combine(folder, "model.safetensors"), "earlier");

        Assert.Throws<IOException>(() => _mrl.ExportDense(SampleHeads.Random(6, 4, [4]), folder));

        Assert.Equal("earlier", File.ReadAllText(Path.Combine(folder, "model.safetensors")));
        Assert.Equal([folder], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void ExportThenImport_AtAPrefix_GivesThePrefixOfTheVectors()
    {
        LinearHead linear = SampleHeads.Random(12, 10, [2, 5, 10]);
        OrthogonalHead orthogonal = SampleHeads.RandomOrthogonal(12, [4, 12]);
        float[] row = SampleVectors.Random(1, 12)[0];

        foreach (
            (EmbeddingHead head, int dimensions, int[] trained) in new (EmbeddingHead, int, int[])[] { (linear, 6, [2, 5]),
            (orthogonal, 12, [4, 12]), (orthogonal, 3, [3]) })
        {
            _mrl.ExportDense(head, _folder.Path, dimensions);
            LinearHead got = _mrl.ImportDense(_folder.Path);

            Assert.Equal(trained, got.TrainedDimensions);
            Assert.Equal(
                SampleHeads.Bits(SampleHeads.Apply(head, row, dimensions)), SampleHeads.Bits(SampleHeads.Apply(got, row, dimensions)));
        }
    }

    [Fact]
    public void Export_OfAResidualHeadOrAnImpossiblePrefix_Refuses()
    {
        Assert.Contains(
            "no single linear layer", Assert.Throws<NotSupportedException>(
                () => _mrl.ExportDense(SampleHeads.RandomResidual(12, 5, 10, [10]), _folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            "dimensions", () => _mrl.ExportDense(SampleHeads.Random(12, 10, [10]), _folder.Path, 11));
        Assert.Empty(_folder.Files);
    }

    [Fact]
    public void Import_WithTrainedDimensions_TakesThem()
    {
        _mrl.ExportDense(SampleHeads.Random(12, 10, [10]), _folder.Path);

        Assert.Equal([3, 7], _mrl.ImportDense(_folder.Path, [3, 7]).TrainedDimensions);
        Assert.Throws<ArgumentOutOfRangeException>(() => _mrl.ImportDense(_folder.Path, [11]));
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F64")]
    public void Import_OfAnotherPrecision_Works(string type)
    {
        Config(2, 2, "false");
        byte[] one = type switch { "F16" => BitConverter.GetBytes((Half)1), "BF16" => [0x80, 0x3F], _ => BitConverter.GetBytes(1.0) };
        SafetensorsWriter.Write(
            Path.Combine(_folder.Path, "model.safetensors"), [("linear.weight", SafetensorsDataType.Find(type)!, [2, 2])],
            (_, stream) => stream.Write([.. one, .. new byte[one.Length * 2], .. one]), []);

        Assert.Equal([1f, 0, 0, 1], _mrl.ImportDense(_folder.Path).Weights.ToArray());
    }

    [Theory]
    [InlineData("\"torch.nn.modules.activation.Tanh\"", "its activation is torch.nn.modules.activation.Tanh")]
    [InlineData("\"torch.nn.modules.activation.GELU\"", "its activation is torch.nn.modules.activation.GELU")]
    [InlineData(null, "none is named, which means torch.nn.modules.activation.Tanh")]
    public void Import_OfAnotherActivation_NamesIt(string? activation, string message)
    {
        WriteConfig(
            $$"""{"in_features":2,"out_features":2,"bias":true{{(activation is null ? "" : $",\"activation_function\":{activation}")}}}""");

        Assert.Contains(
            message, Assert.Throws<NotSupportedException>(() => _mrl.ImportDense(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfALayerOnTokens_Refuses()
    {
        WriteConfig(
            $$"""{"in_features":2,"out_features":2,"bias":true,"activation_function":"{{Identity}}","module_input_name":"token_embeddings"}""");

        Assert.Contains(
            "module_input_name 'token_embeddings'", Assert.Throws<NotSupportedException>(() => _mrl.ImportDense(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "is not JSON")]
    [InlineData("[]", "not an object")]
    [InlineData("""{"hidden_size":2}""", "has no in_features")]
    [InlineData("""{"in_features":2}""", "has no out_features")]
    [InlineData(
        """{"in_features":0,"out_features":2,"activation_function":null}""", "in_features should be a whole number from 1, but is 0")]
    [InlineData(
        """{"in_features":2,"out_features":2.5,"activation_function":null}""", "out_features should be a whole number from 1, but is 2.5")]
    [InlineData(
        """{"in_features":2,"out_features":2,"bias":"yes","activation_function":null}""", "bias should be true or false, but is yes")]
    [InlineData(
        """{"in_features":2,"out_features":2,"bias":true,"activation_function":3}""", "activation_function should be a text, but is 3")]
    [InlineData("""{"in_features":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]],"out_features":2}""", "is not JSON")]
    public void Import_OfAWrongConfiguration_SaysWhatIsWrong(string json, string message)
    {
        WriteConfig(json);

        Assert.Contains(
            message, Assert.Throws<InvalidDataException>(() => _mrl.ImportDense(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfAPickle_SaysThatItIsNeverReadAndHowToConvertIt()
    {
        Config(2, 2, "true");
        File.WriteAllBytes(Path.Combine(_folder.Path, "pytorch_model.bin"), [1, 2, 3]);

        string message = Assert.Throws<NotSupportedException>(() => _mrl.ImportDense(_folder.Path)).Message;

        Assert.Contains("Pickles are never read", message, StringComparison.Ordinal);
        Assert.Contains("torch.load('pytorch_model.bin', weights_only=True)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfMissingFiles_SaysWhichAreNeeded()
    {
        Assert.Contains(
            "There is no folder", Assert.Throws<DirectoryNotFoundException>(() => _mrl.ImportDense(Path.Combine(_folder.Path, "x")))
            .Message, StringComparison.Ordinal);
        Assert.Contains(
            "There is no config.json", Assert.Throws<FileNotFoundException>(() => _mrl.ImportDense(_folder.Path)).Message,
            StringComparison.Ordinal);
        Config(2, 2, "true");
        Assert.Contains(
            "There is no model.safetensors", Assert.Throws<FileNotFoundException>(() => _mrl.ImportDense(_folder.Path)).Message,
            StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "2_Dense"));
        File.WriteAllText(Path.Combine(_folder.Path, "modules.json"), "[]");
        Assert.Contains(
            "2_Dense", Assert.Throws<InvalidDataException>(() => _mrl.ImportDense(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OfWeightsThatDoNotFitTheConfiguration_NamesTheTensor()
    {
        _mrl.ExportDense(SampleHeads.Random(3, 2, [2]), _folder.Path);
        Config(4, 2, "true");
        var shape = Assert.Throws<SafetensorsException>(() => _mrl.ImportDense(_folder.Path));
        Config(3, 2, "false");
        var bias = Assert.Throws<SafetensorsException>(() => _mrl.ImportDense(_folder.Path));
        _mrl.ExportDense(SampleHeads.RandomOrthogonal(3, [3]), _folder.Path);
        Config(3, 3, "true");
        var missing = Assert.Throws<SafetensorsException>(() => _mrl.ImportDense(_folder.Path));

        Assert.Equal(("linear.weight", "the shape [2, 4]", "[2, 3]"), (shape.TensorName, shape.Expected, shape.Found));
        Assert.Equal(("linear.bias", "F32 [2]"), (bias.TensorName, bias.Found));
        Assert.Equal(("linear.bias", "only 'linear.weight'"), (missing.TensorName, missing.Found));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Import_OfWeightsThatAreNotFinite_NamesTheTensor(float value)
    {
        Config(1, 2, "false");
        SafetensorsWriter.Write(
            Path.Combine(_folder.Path, "model.safetensors"), [("linear.weight", SafetensorsDataType.F32, [2, 1])],
            (_, stream) => SafetensorsWriter.WriteSingles(stream, [1, value]), []);

        Assert.Equal("linear.weight", Assert.Throws<SafetensorsException>(() => _mrl.ImportDense(_folder.Path)).TensorName);
    }

    [Theory]
    [InlineData("3,1,x")]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1,1")]
    [InlineData("3")]
    [InlineData("99999999999")]
    public void Import_OfWrongTrainedDimensions_SaysSo(string text)
    {
        Config(1, 2, "false");
        SafetensorsWriter.Write(
            Path.Combine(_folder.Path, "model.safetensors"), [("linear.weight", SafetensorsDataType.F32, [2, 1])],
            (_, stream) => SafetensorsWriter.WriteSingles(stream, [1, 1]), [new("mrl.trained_dimensions", text)]);

        Assert.Contains(
            "mrl.trained_dimensions", Assert.Throws<SafetensorsException>(() => _mrl.ImportDense(_folder.Path)).Expected,
            StringComparison.Ordinal);
        Assert.Equal([1, 2], _mrl.ImportDense(_folder.Path, [1, 2]).TrainedDimensions);
    }

    private void Config(int inputs, int outputs, string bias) =>
        WriteConfig($$"""{"in_features":{{inputs}},"out_features":{{outputs}},"bias":{{bias}},"activation_function":"{{Identity}}"}""");

    private void WriteConfig(string json) => File.WriteAllText(Path.Combine(_folder.Path, "config.json"), json);
}
