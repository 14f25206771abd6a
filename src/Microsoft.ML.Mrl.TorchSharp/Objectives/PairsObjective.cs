namespace Microsoft.ML.Mrl; internal sealed class PairsObjective : MrlObjective { public PairsObjective(string positiveColumnName, string? negativeColumnName, double temperature) { } }
