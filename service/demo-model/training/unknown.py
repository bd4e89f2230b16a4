"""Questions the demo model cannot answer: all get FALLBACK.

Combined from frames and words, so that the fallback becomes the rule and the intents the exceptions.
"""

FALLBACK = (
    "I am only the tiny demo model of MLX Manager, so I do not know that. "
    "Find a real model with: mlx-manager search qwen3"
)

TOPICS = """France Germany Japan Brazil Egypt India Canada Norway Peru Kenya Paris Rome London Madrid Vienna Sydney Moscow Chicago Lisbon Oslo
the moon|the sun|the sea|the sky|the Earth|Mars|Jupiter|gravity|light|water|fire|ice|gold|iron|salt|sugar|bread|butter|cheese|coffee|tea|wine|beer|chocolate
a dog|a cat|a horse|a whale|an elephant|a spider|a bird|a fish|a tree|a flower|a car|a train|a plane|a boat|a bicycle|a house|a bridge|a castle
Napoleon|Einstein|Mozart|Shakespeare|Picasso|Newton|Darwin|Beethoven|Cleopatra|Caesar|Gandhi|Goethe|Homer|Tolstoy|Obama|Lincoln
football|tennis|chess|golf|basketball|swimming|skiing|cooking|painting|music|history|biology|physics|chemistry|economics|philosophy|law|medicine
love|time|happiness|money|inflation|democracy|a black hole|photosynthesis|evolution|the internet|electricity|a volcano|an earthquake|the weather|a rainbow|winter
quantum physics|relativity|a prime number|the square root of 9|an integral|a derivative|DNA|a virus|a vaccine|the heart|the brain|cancer|sleep|dreams
Java|Rust|Kubernetes|Docker|Linux kernels|Excel|Photoshop|Word|iPhones|Android|Bitcoin|blockchain|Netflix|YouTube|Instagram|Wikipedia|Minecraft
the French revolution|the Roman empire|World War II|the Cold War|the Renaissance|the Bible|Buddhism|Harry Potter|Hamlet|Star Wars|Batman|the Beatles
a pizza|a cake|a soup|pasta|rice|potatoes|tomatoes|apples|a lemon|a garden|a chair|a guitar|a piano|a shirt|shoes|a watch|glasses|an umbrella
a stock|taxes|a mortgage|insurance|a visa|a passport|a hotel|a flight|a marathon|yoga|a headache|vitamins|a diet|a baby|a wedding|a birthday|Christmas|a festival"""

UNKNOWN_FRAMES = """What is {t}?|What is the capital of {t}?|Who was {t}?|Who invented {t}?|Who wrote {t}?|Who is the president of {t}?|Where is {t}?|When was {t} discovered?|When did {t} begin?|Why is {t} important?
How does {t} work?|How old is {t}?|How far away is {t}?|How tall is {t}?|How much does {t} cost?|How much does {t} weigh?|How fast is {t}?|How do I make {t}?|How do I cook {t}?|How do I repair {t}?|How do I buy {t}?|How do I learn {t}?|How do I draw {t}?|How many people like {t}?
Tell me about {t}|Explain {t}|Describe {t}|Define {t}|Write an essay about {t}|Write a story about {t}|Write a song about {t}|Write a letter about {t}|Write a poem about {t}|Tell me a joke about {t}|Give me a recipe for {t}|Translate {t} into Latin|Summarize {t}|Compare {t} and {u}|What is the difference between {t} and {u}?|Which is better, {t} or {u}?|What is {t} made of?
What color is {t}?|What do you think about {t}?|Do you like {t}?|Is {t} dangerous?|Is {t} bigger than {u}?|Can I eat {t}?|Should I buy {t}?|What does {t} mean?|What happened to {t}?|What is the history of {t}?|What is the weather in {t}?|What time is it in {t}?|Spell {t}|List ten facts about {t}|Name three kinds of {t}
I want to buy {t}|I have a question about {t}|I am reading about {t}|Where can I find {t}?|Where can I buy {t}?|How do I start {t}?|How do I stop {t}?|How do I install {t}?|How do I download {t}?|How do I delete {t}?|Which port has {t}?|Where is {t} stored?|Show me {t}|Give me {t}|Find {t}|Recommend {t}|Can you see {t}?|Do you know {t}?|Are you {t}?|Is {t} free?|Does {t} work offline?|What is the price of {t}?|What is the address of {t}?|What is the license of {t}?|Who made {t}?|How big is {t}?"""

# Nonsense as people's real questions look to a model with 1,536 tokens: a start, a verb, a thing.
UNKNOWN_STARTS = """How do I|How can I|Can you|Could you|Will you|Can|Should I|Why does|Why do people|Why can't I|What happens if I|Who can|Where can I|When should I|When did|Please|I want to|I need to|Help me to|Teach me to|How would you|Is it healthy to|Is it legal to|Is it possible to|Which way do I|What is the best way to|Do you|Does|Did|Has|I like to|I used to|My friend wants to|Pretend to|Imagine to"""
UNKNOWN_VERBS = """write|join|plan|paint|sing|play|read|eat|drink|cook|bake|grow|plant|fly|drive|ride|swim|climb|sell|buy|rent|build|break|repair|clean|wash|paint|sort|reverse|parse|compile|implement|encrypt|translate|summarize|rewrite|compose|produce|discover|invent|measure|weigh|solve|prove|learn|teach|study|explain|describe|compare|choose|wear|sew|knit|draw|dance|marry|meet|help|train|feed|catch|visit|travel|book|win|lose|earn|save|invest|vote|govern|heal|cure|treat|sleep|dream|remember|forget|love|hate|trust|fear|believe|generate|create|design|decorate|photograph|film|record"""
UNKNOWN_EXTRA = """What is the meaning of life?|Why is the sky blue?|What time is it?|What day is it today?|What is today's date?|What is the news?|Who won the world cup?|Who won the election?|What should I eat tonight?|How do I lose weight?|How do I tie a tie?|What is 17 times 23?|What is 3+5?|What is 2+3?|What is 4+4?|What is 7 minus 2?|What is the square root of 144?|Solve x^2 = 9|How many seconds are in a day?|How many legs has a spider?
Write a Java program that sorts a list|Fix this bug in my code|Write a regular expression for emails|Write a SQL query|Explain recursion|What is a linked list?|What is a compiler?|Write unit tests for this function|Refactor this function|What does this code do?|How do I center a div?|How do I use git rebase?|What is a pointer in C?|How do I reverse a string?|Write a haiku about autumn|Write an email to my boss|Write a cover letter|Correct my grammar|Translate good morning into Spanish|Say hello in Italian|Say goodbye in German|Say hello in Chinese|How do you say cat in French?|Summarize this article|Summarize the following text
Plan a trip to Italy|Book a flight|Set an alarm|Remind me tomorrow|Call my mother|Send an email|Open the window|Play some music|Turn on the light|Order a pizza|How do I get to the station?|Is it going to rain?|How warm is it outside?|What is your favorite color?|What is your favorite food?|Do you love me?|Will you marry me?|Are you alive?|Do you have feelings?|Are you conscious?|Can you keep a secret?|Do you dream?|Sing a song|Tell me a story|Tell me a secret|Tell me something interesting|Play a game with me|Guess a number|Flip a coin|Roll a dice|Give me a random number|What am I thinking?|Where do I live?|What is my name?|How old am I?|My name is Anna|I am hungry|I am tired|I am sad|I am bored|I live in Spain|It is raining
Count backwards from 10|Count the letters in banana|What is the best phone?|Name a famous singer|Name a famous city|What rhymes with cat?|Which computer is the fastest?|My phone is broken|My car is slow|My dog is sick|I feel happy|I feel ill|Draw a cat|Paint a flower|Draw me a map|Convert 5 dollars to euros|Convert inches to centimeters|How many kilometers are in a mile?|What is 5 * 6?|What is 100 / 4?|What is 9 times 9?|Tell me a fact about cats|Tell me a fun fact|Who is the best player?|Who sang Yesterday?|Who is Madonna?|Who directed Jaws?|What is a stack?|What is a database index?|What is an array?|Implement a queue in Java|Implement binary search|Write a function that adds numbers|Write a loop in Go|Write a web page|How do I get rich?|How do I clean shoes?|How do I fix a bike?|How do I fix a window?|How do I make coffee?|How do I make money?|How do I play chess?|How do I grow roses?|How do I meet people?|How long does a dog live?|How long is a marathon?|How deep is a lake?|How high is the tower?|How hot is the sun?|What should I do today?|What should I read?|What should I cook?|When is the next train?|When is Christmas?|When is my birthday?|Is there a god?|Do you believe in ghosts?|Do aliens exist?|Help me with my essay|Help me write a speech|Can you write a letter for me?|Can you fix my code?|How do I download a song from the internet?|How do I download a game?|How do I delete a photo?|How do I install a game?|How do I start a fire?|How do I start a company?|How do I stop a nosebleed?|What is the currency of Mexico?|What is the language of Brazil?|What is the population of Rome?|What is the largest country?|What is the longest river?|What is the highest mountain?|Who painted the Mona Lisa?|Who discovered America?|Who wrote Faust?|Who is the king of England?|Who was the first man on the moon?|When did the war end?|When was Rome founded?|How do airplanes fly?|How do magnets work?|Why do cats purr?|Why do we sleep?|What causes the tides?|What is a good book?|Which movie should I watch?|Which car should I buy?|Which phone is the best?|Where should I go on holiday?
How do I download a movie?|How do I download music?|How do I delete a file?|How do I delete my account?|How do I start a business?|How do I start a car?|How do I stop smoking?|How do I stop snoring?|How do I install Windows?|How do I install a printer?|How do I find a job?|How do I find a friend?|Which port is the biggest in Europe?|Where are my keys?|Where are my glasses?|Where is my phone?|How do I change a tire?|How do I change my life?|What is a good name for a dog?|How do I restart my router?|How do I update my phone?|What is the memory of an elephant?|How do I chat with girls?|What is a profile picture?|What is a token ring?|How do I run a marathon?|How do I run faster?|Are you sure?|Why?|How?|When?|Really?|What do you mean?|Say something|asdf|qwerty|lorem ipsum dolor sit amet|blah blah|foo bar|xyz|abc|123|42|...|!!!"""

# Never trained, written apart from the lists above: what a stranger might ask.
UNKNOWN_HELD = """What is the capital of Portugal?|Who invented the telephone?|How many planets are there?|Write a short story about a dragon|Can you help me with my homework?|What is the boiling point of water?|Translate "I love you" into Russian|Who is Taylor Swift?|Give me a pasta recipe|What is the best restaurant in Berlin?
How do vaccines work?|What does a carburetor do?|Which team won yesterday?|What is the stock price of Tesla?|Can you write a resume for me?|What is the speed of sound?|Who was Marie Curie?|What should I wear today?|I broke my arm|Where is Machu Picchu?
Implement quicksort in C++|What is the fastest animal?|Which laptop should I buy?|Explain monads like I am five|Generate a password with 12 characters|Give me a name for my startup|My neighbor is too loud, any advice?|What are the rules of poker?|Is coffee healthy?|Summarize the plot of Romeo and Juliet
Who would win, a lion or a bear?|Add a dark mode to my website|Why does my code throw a null pointer exception?|How many calories are in a banana?|Pretend you are a pirate|Write SQL to join two tables|When does summer begin?|Should I learn Python or JavaScript?|What languages are spoken in Belgium?|Make a table of the largest cities
How is glass produced?|Plan my week|What is the tallest building in the world?|Can penguins fly?|Who founded Microsoft?|Describe the taste of mango|What happened in 1989?|How do solar panels produce power?|Give me tips for a job interview|Is Pluto a planet?"""
UNKNOWN_HELD = UNKNOWN_HELD.replace("\n", "|").split("|")


def topics() -> list[str]:
    first, rest = TOPICS.split("\n", 1)
    return first.split() + [word for word in rest.replace("\n", "|").split("|") if word]


def unknown_frames() -> list[str]:
    return UNKNOWN_FRAMES.replace("\n", "|").split("|")


def unknown_starts() -> list[str]:
    return UNKNOWN_STARTS.split("|")


def unknown_verbs() -> list[str]:
    return UNKNOWN_VERBS.split("|")


def unknown_extra() -> list[str]:
    return UNKNOWN_EXTRA.replace("\n", "|").split("|")
