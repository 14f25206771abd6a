using Microsoft.ML.Mrl.Cli.Output;

using Microsoft.ML.Mrl.Cli;

using var interruption = new Interruption();
return MrlApplication.Run(args, MrlConsole.OfProcess(), interruption.Token);
