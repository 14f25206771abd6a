using Microsoft.ML.Mrl.TorchSharp.Data;

namespace Microsoft.ML.Mrl.Tests.TorchSharp.Objectives;

/// <summary>What objectives need together, and what they refuse to share. Needs no libtorch.</summary>
public class CombinedColumnsTests
{
    private static readonly MrlObjective s_pairs = MrlObjective.Pairs("P");

    [Fact]
    public void Weighted_PartsThatFit_NeedTheColumnsOfAll()
    {
        MrlObjective objective = MrlObjective.Weighted(
            (s_pairs, 1), (MrlObjective.Classification("L"), 0.5), (MrlObjective.Triplets("P", "N"), 1),
            (MrlObjective.ScoredPairs("P", "S"), 1), (MrlObjective.Distillation("T"), 1));

        RoleColumns columns = objective.Columns;
        Assert.Equal(("P", "L", "S", "T"), (columns.Positive, columns.Label, columns.Score, columns.Teacher));
        Assert.Equal(["N"], columns.Negatives);
        Assert.True(columns.LearnsLabels);
        Assert.False(columns.Originals);
        Assert.Equal(FalseNegativeRule.EqualVectors, columns.FalseNegatives);
    }

    [Fact]
    public void Weighted_LabelThatOnlyMarksPairs_IsNotLearned()
    {
        MrlObjective marked = MrlObjective.Pairs(
            new PairsOptions { PositiveColumnName = "P", LabelColumnName = "L", ExcludeEqualVectors = false });

        Assert.False(MrlObjective.Weighted((marked, 1), (MrlObjective.Unsupervised(), 1)).Columns.LearnsLabels);
        Assert.True(MrlObjective.Weighted((marked, 1), (MrlObjective.SameLabel("L"), 1)).Columns.LearnsLabels);
        Assert.Equal(FalseNegativeRule.EqualLabels, marked.Columns.FalseNegatives);
    }

    [Fact]
    public void Weighted_DifferentColumnsForOneRole_ErrorNamesRoleAndBoth()
    {
        Check("the positive column 'P', another 'Q'", s_pairs, MrlObjective.Pairs("Q"));
        Check("the negative column 'M', another 'N'", MrlObjective.Pairs("P", "M"), MrlObjective.Triplets("P", "N"));
        Check("the label column 'L', another 'K'", MrlObjective.Classification("L"), MrlObjective.SameLabel("K"));
        Check("the score column 'S', another 'R'", MrlObjective.ScoredPairs("P", "S"), MrlObjective.ScoredPairs("P", "R"));
        Check("the teacher column 'T', another 'U'", MrlObjective.Distillation("T"), MrlObjective.Distillation("U"));

        static void Check(string expected, MrlObjective one, MrlObjective other)
        {
            var e = Assert.Throws<ArgumentException>(() => MrlObjective.Weighted((one, 1), (other, 1)));
            Assert.Equal("parts", e.ParamName);
            Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Weighted_NoPartsOrBadWeights_Refused()
    {
        Assert.Throws<ArgumentException>(() => MrlObjective.Weighted());
        Assert.Contains(
            "The weight of Pairs(P) is 0", Assert.Throws<ArgumentException>(() => MrlObjective.Weighted((s_pairs, 0))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MrlObjective.Weighted((s_pairs, -1)));
        Assert.Throws<ArgumentException>(() => MrlObjective.Weighted((s_pairs, double.NaN)));
        Assert.Throws<ArgumentException>(() => MrlObjective.Weighted((s_pairs, double.PositiveInfinity)));
    }
}
