namespace Microsoft.ML.Mrl; internal sealed class ScoredPairsObjective : MrlObjective { public ScoredPairsObjective(string otherColumnName, string scoreColumnName, double temperature) { } }
