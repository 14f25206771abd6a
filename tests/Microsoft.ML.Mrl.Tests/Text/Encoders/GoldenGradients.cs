using System.Text.Json;
using Microsoft.ML.Mrl.Tests.TorchSharp.Losses;

namespace Microsoft.ML.Mrl.Tests.Text.Encoders;

/// <summary>The gradient that the reference computed in double precision, group by group and tensor by tensor, and how near another one is
/// to it.</summary>
internal static class GoldenGradients
{
    /// <summary>The share of its own by which the length of a gradient may differ from the reference's. Single precision leaves the
    /// reference itself some 1e-6 away.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>Asserts that the gradient of every tensor has the reference's length and turns the same way, and that of every group has
    /// its length.</summary>
    /// <param name="training">The reference's step.</param>
    /// <param name="gradients">The gradients by the reference's names; all of its tensors, no others.</param>
    /// <returns>The largest differences, as text.</returns>
    /// <remarks>
    /// A tensor whose gradient is zero in exact arithmetic (the bias of an attention's keys, which adds the same to every score of a row)
    /// has rounding noise only: instead of a share of nothing, it may have a length of the tolerance's share of its group. The way is told
    /// by the first four numbers and by Σ g_i · (i mod 97 + 1), whose difference is at most |difference| · |weights| and is held to the
    /// tolerance's share of |g| · |weights|.
    /// </remarks>
    public static string AssertEqual(JsonElement training, IReadOnlyDictionary<string, float[]> gradients)
    {
        JsonElement byTensor = training.GetProperty("gradient_by_tensor"), byGroup = training.GetProperty("gradient_norm_by_group");
        string[] zero = [
            .. training.GetProperty("gradient_is_zero_in_exact_arithmetic").EnumerateArray().Select(name => name.GetString()!)];
        Assert.Equal(
            byTensor.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal), gradients.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            byGroup.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal),
            gradients.Keys.Select(GroupOf).Distinct().Order(StringComparer.Ordinal));

        double worstGroup = 0;
        foreach (JsonProperty group in byGroup.EnumerateObject())
        {
            double expected = group.Value.GetDouble();
            double gap = Math.Abs(
                Math.Sqrt(gradients.Where(g => GroupOf(g.Key) == group.Name).Sum(g => Square(g.Value))) - expected) / expected;
            Assert.True(gap <= Tolerance, $"{group.Name}: {gap:E2} of its length.");
            worstGroup = Math.Max(worstGroup, gap);
        }

        double worstTensor = 0, worstNumber = 0;
        foreach (JsonProperty tensor in byTensor.EnumerateObject())
        {
            float[] gradient = gradients[tensor.Name];
            double norm = Math.Sqrt(Square(gradient)), expected = tensor.Value.GetProperty("norm").GetDouble();
            if (zero.Contains(tensor.Name))
            {
                double noise = norm / byGroup.GetProperty(GroupOf(tensor.Name)).GetDouble();
                Assert.True(noise <= Tolerance, $"{tensor.Name}: {noise:E2} of its group, where there should be nothing.");
                continue;
            }
            double gap = Math.Abs(norm - expected) / expected;
            Assert.True(gap <= Tolerance, $"{tensor.Name}: {gap:E2} of its length.");
            worstTensor = Math.Max(worstTensor, gap);

            double weighted = gradient.Select((g, i) => (double)g * (i % 97 + 1)).Sum();
            double weights = Math.Sqrt(gradient.Select((_, i) => Math.Pow(i % 97 + 1, 2)).Sum());
            double turned = Math.Abs(weighted - tensor.Value.GetProperty("weighted").GetDouble()) / (expected * weights);
            double first = GoldenLosses.Numbers(tensor.Value.GetProperty("first")).Select((value, i) => Math.Abs(gradient[i] - value))
                .Max() / expected;
            Assert.True(
                turned <= Tolerance && first <= Tolerance,
                $"{tensor.Name}: the weighted sum differs by {turned:E2}, the first numbers by {first:E2} of its length.");
            worstNumber = Math.Max(worstNumber, Math.Max(turned, first));
        }
        return FormattableString.Invariant($"groups {worstGroup:E2}, tensors {worstTensor:E2}, numbers {worstNumber:E2}");
    }

    /// <summary>The group that the reference counts a tensor in.</summary>
    private static string GroupOf(string tensor)
    {
        string[] parts = tensor.Split('.');
        int layer = Array.IndexOf(parts, "layer");
        return layer >= 0 ? $"layer.{parts[layer + 1]}" : parts[0].Split(':')[^1];
    }

    private static double Square(float[] values) => values.Sum(v => (double)v * v);
}
