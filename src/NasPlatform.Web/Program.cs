using NasPlatform.Web.Commands;

var terminal = Terminal.OfThisProcess();
using var interrupts = new Interrupts(terminal);
return await NasProgram.RunAsync(args, terminal, interrupts.Token);
