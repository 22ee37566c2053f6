using Harden.AppHost;

// dotnet run --project Harden.AppHost                            the default example
// dotnet run --project Harden.AppHost -- --example express-forms another one
// dotnet run --project Harden.AppHost -- ../my-app               any folder with a harden.json
var choice = Choice.Of(args);
if (choice.Problem is null)
    return await Engine.RunAsync(choice.Folder, choice.Rest);
Console.Error.WriteLine(choice.Problem);
return 1;
