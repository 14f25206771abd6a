using Microsoft.ML.Mrl.Cli;
using Microsoft.ML.Mrl.Cli.Output;





using var interruption = new Interruption();
return MrlApplication.Run(args, MrlConsole.OfProcess(), interruption.Token);
