using System.Text.Json;
using Microsoft.ML.Mrl.TorchSharp.Losses;
using Microsoft.ML.Mrl.Vectors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

[Collection(TorchCollection.Name)]
public class GoldenLossTests
{
    public static TheoryData<string, ScalarType, double> PairLosses
    {
        get
        {
            var data = new TheoryData<string, ScalarType, double>();
            foreach (
                string name in new[] { "mnrl", "mnrl_hard_negatives", "mnrl_symmetric", "cosent", "cosine_mse",
                "triplet_cosine_margin_0.3" })
            {
                data.Add(name, ScalarType.Float64, 1e-9);
                data.Add(name, ScalarType.Float32, 1e-5);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(PairLosses))]
    public void PairLoss_FullWidthNestedAndWeighted_EqualsSentenceTransformers(string name, ScalarType dtype, double tolerance)
    {
        JsonElement golden = GoldenLosses.Read();
        using DisposeScope scope = NewDisposeScope();
        JsonElement entry = golden.GetProperty("losses").GetProperty(name);
        EmbeddingLoss inner = name switch
        {
            "cosent" => new CoSentLoss(),
            "cosine_mse" => new CosineMseLoss(),
            "triplet_cosine_margin_0.3" => new TripletLoss(0.3),
            "mnrl_symmetric" => new InfoNceLoss(direction: ContrastDirection.Symmetric),
            _ => new InfoNceLoss(),
        };

        Check(inner, entry);
        Check(new MatryoshkaLoss(inner, [16, 8, 4]), entry.GetProperty("matryoshka"));
        // Weights ascend with their dimensions; the file names them from the largest down.
        Check(new MatryoshkaLoss(inner, [4, 8, 16], [0.25f, 0.5f, 1]), entry.GetProperty("matryoshka_weights_1_0.5_0.25"));

        void Check(EmbeddingLoss loss, JsonElement expected)
        {
            JsonElement inputs = golden.GetProperty("inputs");
            var batch = new EmbeddingBatch
            {
                Anchors = Leaf(inputs.GetProperty("anchor"), dtype),
                Positives = Leaf(inputs.GetProperty("positive"), dtype),
                Negatives = name is "mnrl_hard_negatives" or "triplet_cosine_margin_0.3" ? Leaf(inputs.GetProperty("negative"), dtype)
                    : null,
                Scores = tensor(GoldenLosses.Numbers(inputs.GetProperty("scores"))).to(dtype),
            };
            Tensor value = loss.Forward(batch);
            value.backward();
            JsonElement gradient = expected.GetProperty("gradient");
            AssertNear(expected.GetProperty("value"), value, tolerance);
            AssertNear(gradient.GetProperty("anchor"), batch.Anchors.grad!, tolerance);
            AssertNear(gradient.GetProperty("positive"), batch.Positives!.grad!, tolerance);
            if (batch.Negatives is not null)
            {
                AssertNear(gradient.GetProperty("negative"), batch.Negatives.grad!, tolerance);
            }
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void Divergence_OfCosinesInTheBatch_EqualsPyTorch(ScalarType dtype, double tolerance)
    {
        JsonElement golden = GoldenLosses.Read();
        using DisposeScope scope = NewDisposeScope();
        JsonElement inputs = golden.GetProperty("inputs");
        JsonElement expected = golden.GetProperty("losses").GetProperty("listwise_kl_in_batch_cosine_20");
        Tensor teacher = Leaf(inputs.GetProperty("teacher_scores_in_batch"), dtype).detach();

        Check([16], expected);
        Check([4, 8, 16], expected.GetProperty("matryoshka"));

        void Check(MatryoshkaDimensions dimensions, JsonElement part)
        {
            Tensor anchors = Leaf(inputs.GetProperty("anchor"), dtype);
            Tensor positives = Leaf(inputs.GetProperty("positive"), dtype);
            Tensor value = NestedCosines.OfAllPairs(anchors, positives, dimensions)
                .Select(c => DistillationLoss.Divergence(teacher, c.Times(20))).Aggregate((a, b) => a.Plus(b));
            value.backward();
            AssertNear(part.GetProperty("value"), value, tolerance);
            AssertNear(part.GetProperty("gradient").GetProperty("anchor"), anchors.grad!, tolerance);
            AssertNear(part.GetProperty("gradient").GetProperty("positive"), positives.grad!, tolerance);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Divergence_OfDotProductsWithCandidates_EqualsSentenceTransformers(int temperature)
    {
        JsonElement golden = GoldenLosses.Read();
        using DisposeScope scope = NewDisposeScope();
        JsonElement inputs = golden.GetProperty("inputs");
        JsonElement expected = golden.GetProperty("losses").GetProperty($"listwise_kl_temperature_{temperature}");
        Tensor anchors = Leaf(inputs.GetProperty("anchor"), ScalarType.Float64);
        Tensor[] candidates = [
            .. new[] { "positive", "negative", "negative_2", "negative_3" }.Select(
                name => Leaf(inputs.GetProperty(name), ScalarType.Float64))];
        Tensor student = cat([.. candidates.Select(c => (anchors * c).sum(1).unsqueeze(1))], 1);
        Tensor teacher = Leaf(inputs.GetProperty("teacher_scores"), ScalarType.Float64).detach();

        Tensor value = DistillationLoss.Divergence(teacher.Times(1.0 / temperature), student.Times(1.0 / temperature))
            .Times(temperature * temperature);
        value.backward();

        AssertNear(expected.GetProperty("value"), value, 1e-9);
        AssertNear(expected.GetProperty("gradient").GetProperty("anchor"), anchors.grad!, 1e-9);
        AssertNear(expected.GetProperty("gradient").GetProperty("negative_3"), candidates[3].grad!, 1e-9);
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void SoftmaxLoss_OneClassifierAWidth_EqualsPyTorch(ScalarType dtype, double tolerance)
    {
        JsonElement golden = GoldenLosses.Read();
        using DisposeScope scope = NewDisposeScope();
        JsonElement inputs = golden.GetProperty("inputs");
        JsonElement expected = golden.GetProperty("losses").GetProperty("softmax_ce_mrl");
        using var inner = new SoftmaxLoss([4, 8, 16], inputs.GetProperty("classes").GetInt32(), dtype);
        JsonElement heads = inputs.GetProperty("heads");
        Set(inner.Parameters,
            [.. new[] { "4", "8", "16" }.Select(m => heads.GetProperty(m))
            .SelectMany(head => new[] { head.GetProperty("weight"), head.GetProperty("bias") })]);

        Tensor anchors = CheckNested(inner, inputs, expected, dtype, tolerance);

        JsonElement gradient = expected.GetProperty("gradient");
        AssertNear(gradient.GetProperty("anchor"), anchors.grad!, tolerance);
        foreach (
            (Parameter parameter, string name) in inner.Parameters.Zip(
                ["weight_4", "bias_4", "weight_8", "bias_8", "weight_16", "bias_16"]))
        {
            AssertNear(gradient.GetProperty(name), parameter.grad!, tolerance);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void SharedSoftmaxLoss_OneClassifierForAll_EqualsPyTorch(ScalarType dtype, double tolerance)
    {
        JsonElement golden = GoldenLosses.Read();
        using DisposeScope scope = NewDisposeScope();
        JsonElement inputs = golden.GetProperty("inputs");
        JsonElement expected = golden.GetProperty("losses").GetProperty("softmax_ce_mrl_e");
        using var inner = new SharedSoftmaxLoss(16, inputs.GetProperty("classes").GetInt32(), dtype);
        JsonElement head = inputs.GetProperty("tied_head");
        Set(inner.Parameters, [head.GetProperty("weight"), head.GetProperty("bias")]);

        Tensor anchors = CheckNested(inner, inputs, expected, dtype, tolerance);

        JsonElement gradient = expected.GetProperty("gradient");
        AssertNear(gradient.GetProperty("anchor"), anchors.grad!, tolerance);
        foreach ((Parameter parameter, string name) in inner.Parameters.Zip(["weight", "bias"]))
        {
            AssertNear(gradient.GetProperty(name), parameter.grad!, tolerance);
        }
    }

    private static Tensor CheckNested(EmbeddingLoss inner, JsonElement inputs, JsonElement expected, ScalarType dtype, double tolerance)
    {
        var batch = new EmbeddingBatch
        {
            Anchors = Leaf(inputs.GetProperty("anchor"), dtype),
            Labels = tensor(Array.ConvertAll(GoldenLosses.Numbers(inputs.GetProperty("labels")), label => (long)label)),
        };
        foreach (int m in new[] { 4, 8, 16 })
        {
            AssertNear(expected.GetProperty("per_dim").GetProperty(m.ToString()), inner.Forward(batch.Cut(m, inner.UnitLength)), tolerance);
        }
        Tensor value = new MatryoshkaLoss(inner, [4, 8, 16]).Forward(batch);
        value.backward();
        AssertNear(expected.GetProperty("value"), value, tolerance);
        return batch.Anchors;
    }

    private static Tensor Leaf(JsonElement rows, ScalarType dtype)
    {
        double[] numbers = GoldenLosses.Numbers(rows);
        Tensor leaf = tensor(numbers, [rows.GetArrayLength(), numbers.Length / rows.GetArrayLength()]).to(dtype).detach();
        leaf.requires_grad = true;
        return leaf;
    }

    private static void Set(IEnumerable<Parameter> parameters, JsonElement[] values)
    {
        using IDisposable gradients = no_grad();
        foreach ((Parameter parameter, JsonElement numbers) in parameters.Zip(values))
        {
            parameter.copy_(tensor(GoldenLosses.Numbers(numbers), parameter.shape).to(parameter.dtype));
        }
    }

    /// <summary>Compares numbers; the tolerance is relative to the largest where that is above 1.</summary>
    private static void AssertNear(JsonElement expected, Tensor actual, double tolerance)
    {
        double[] numbers = GoldenLosses.Numbers(expected);
        double[] found = LossCase.Values(actual);
        Assert.Equal(numbers.Length, found.Length);
        double largest = Math.Max(1, numbers.Max(Math.Abs));
        for (int i = 0; i < numbers.Length; i++)
        {
            Assert.Equal(numbers[i], found[i], tolerance * largest);
        }
    }
}
